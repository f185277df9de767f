"""The prices of a run: the user's own, else the dated snapshot's; looked up once a model, kept with the run.

In: a file of prices, the model asked for and where. Out: PriceRows, and each call's row and cost.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from codeeff.core.errors import ConfigError
from codeeff.core.ledger import Usage
from codeeff.cost.row import PriceRow, cost_usd, row_id
from codeeff.cost.snapshot import refuse_jump, remember, snapshot_row

EXAMPLE = """\
  MODEL:
    input_usd_per_token: 2.5e-6
    output_usd_per_token: 1.0e-5
    source: https://provider.example/pricing
    as_of: 2026-01-31"""


def read_prices(path: Path) -> dict[str, PriceRow]:
    """The user's own prices: a YAML mapping from model names to the fields of a PriceRow but `id` and `model`.

    Raises: ConfigError naming file, model, field and remedy.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: not a readable YAML file: {error}. A file of prices has\n{EXAMPLE}") from None
    if not isinstance(given, dict):
        raise ConfigError(f"{path}: a file of prices is a mapping of models, such as\n{EXAMPLE}")
    return {str(model): _own_row(path, str(model), entry) for model, entry in given.items()}


def _own_row(path: Path, model: str, entry: Any) -> PriceRow:
    if not isinstance(entry, dict):
        raise ConfigError(f"{path}: {model}: prices are a mapping, such as\n{EXAMPLE}")
    try:
        row = PriceRow.model_validate({"as_of": None} | entry | {"id": "", "model": model})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join((model, *map(str, first["loc"])))
        raise ConfigError(f"{path}: {field}: {first['msg']}. Prices look like\n{EXAMPLE}") from None
    return row.model_copy(update={"id": row_id(model, row.as_of, row.hosting)})


class PriceList:
    """Prices by model name as a run takes them; a model that had a price keeps it, however often the run is resumed."""

    def __init__(
        self,
        asked: str,
        endpoint: str | None,
        given: Mapping[str, PriceRow] | None = None,
        stored: Sequence[PriceRow] = (),
    ) -> None:
        """The list of one run.

        asked: the model as the user names it; its price stands for a name which the endpoint reports and nobody knows.
        endpoint: the address of the hosted API; None for a model that is served by oneself and has no listed price.
        given: the user's own prices, which come first. stored: the run's rows so far, from its prices.json.
        """
        self.asked, self.endpoint, self.given = asked, endpoint, given or {}
        self._rows: dict[str, PriceRow | None] = {row.model: row for row in stored}

    @property
    def rows(self) -> tuple[PriceRow, ...]:
        """Every row found so far, to be stored with the run; ordered by id."""
        return tuple(sorted({row.id: row for row in self._rows.values() if row}.values(), key=lambda one: one.id))

    def find(self, model: str) -> PriceRow | None:
        """The model's row; None where no price is known.

        Raises: ConfigError when the listed price jumped by more than 20 times and nobody confirmed it.
        """
        if model not in self._rows:
            self._rows[model] = self._look_up(model)
        return self._rows[model]

    def _look_up(self, model: str) -> PriceRow | None:
        names = dict.fromkeys((model, self.asked))
        for one in names:
            if (known := self._rows.get(one)) is not None:
                return known
            if (own := self.given.get(one)) is not None:
                if self.endpoint is not None:
                    remember(own, self.endpoint)
                return own
        if self.endpoint is None:
            return None
        for one in names:
            if (listed := snapshot_row(one, self.endpoint, datetime.now(UTC))) is not None:
                refuse_jump(listed, self.endpoint)
                remember(listed, self.endpoint)
                return listed
        return None

    def demand(self, model: str) -> PriceRow:
        """The model's row. Raises: ConfigError that says how to give a price where none is known."""
        if row := self.find(model):
            return row
        where = f"at {self.endpoint}" if self.endpoint else "served by oneself"
        raise ConfigError(
            f"No price of {model!r} {where} is known, and an unknown price is not 0. Give --prices a YAML file with\n"
            f"{EXAMPLE.replace('MODEL', model)}\n"
            "or, for a model served by oneself, with `hosting:` (gpu_name, gpu_hour_usd, concurrency) instead of"
            " prices of tokens."
        )

    def priced(
        self, model: str, usage: Usage, *, share_s: float | None = None, is_batch: bool = False
    ) -> tuple[str | None, float | None]:
        """The id of the row and the cost in USD of a call; None where unknown. See `cost_usd`."""
        row = self.find(model)
        return (None, None) if row is None else (row.id, cost_usd(usage, row, share_s=share_s, is_batch=is_batch))
