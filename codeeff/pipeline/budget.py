"""Budget: what one sample may spend, by the configuration's limits and by what the same sample of another run spent."""

from pathlib import Path

from codeeff.config import RunConfig
from codeeff.core.candidate import Spent
from codeeff.core.errors import ConfigError
from codeeff.core.sample import Sample
from codeeff.pipeline.ledger import spent
from codeeff.pipeline.store import Store


class Budget:
    """Tells when no further question may be asked: the last one asked may go beyond it."""

    def __init__(self, config: RunConfig) -> None:
        """Raises: ConfigError or RecordError when `budget_of` is no run folder with samples."""
        self.config = config
        self.granted = _spent_in(config.budget_of) if config.budget_of else {}

    def is_spent(self, sample_id: str, so_far: Spent) -> bool:
        """Raises: ConfigError when what was spent is not known, so that the budget cannot be kept."""
        config = self.config
        if config.budget_usd is not None and so_far.cost_usd is None:
            raise ConfigError(
                f"{sample_id}: what its calls cost is not known, so --budget-usd cannot be kept. Use"
                " --budget-tokens with an endpoint that does not tell tokens."
            )
        limits = [
            (so_far.tokens, config.budget_tokens),
            (so_far.cost_usd, config.budget_usd),
            (so_far.seconds, config.budget_s),
        ]
        if config.budget_of:
            limits.append(self._granted(config.budget_of, sample_id, so_far))
        return any(limit is not None and value is not None and value >= limit for value, limit in limits)

    def _granted(self, folder: Path, sample_id: str, so_far: Spent) -> tuple[float, float]:
        """What was spent so far and what may be, in the same unit."""
        granted = self.granted.get(sample_id)
        if granted is None:
            raise ConfigError(
                f"{folder}: has no sample {sample_id}, so what it may spend is not known. Give --budget-of the run of"
                " another strategy on the same tasks, with as many samples."
            )
        if granted.cost_usd is not None and so_far.cost_usd:  # what is free would never come to an end
            return so_far.cost_usd, granted.cost_usd
        if not granted.tokens or not so_far.tokens:
            where = f"in {folder} " if not granted.tokens else ""
            raise ConfigError(
                f"{sample_id}: {where}neither USD nor tokens of its calls are known, so --budget-of cannot be kept."
                " Use an endpoint that tells tokens."
            )
        return so_far.tokens, granted.tokens


def _spent_in(folder: Path) -> dict[str, Spent]:
    samples = Store(folder).read("samples", Sample)
    if not samples:
        raise ConfigError(f"{folder}: has no samples.jsonl with samples. Give --budget-of the folder of a run.")
    return {one.id: spent(one.calls) for one in samples}
