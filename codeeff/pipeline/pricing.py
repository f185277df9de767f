"""Prices the calls of a run as they end, and keeps the prices it used in prices.json."""

from time import monotonic
from typing import Final

from pydantic import TypeAdapter, ValidationError

from codeeff.config import RunConfig
from codeeff.core.errors import ConfigError, RecordError
from codeeff.core.ledger import Usage
from codeeff.cost.hosting import Hosting, SharedTime
from codeeff.cost.prices import PriceList, read_prices
from codeeff.cost.row import PriceRow
from codeeff.pipeline.loading import load_scorers
from codeeff.pipeline.store import Store

PRICES: Final = "prices.json"
ROWS: Final = TypeAdapter(tuple[PriceRow, ...])


class Pricing:
    """The prices of one run, and the time its calls share. Not safe from several threads: the ledger holds a lock."""

    def __init__(self, config: RunConfig, endpoint: str | None, store: Store | None) -> None:
        """The user's prices and the listed ones.

        Raises: ConfigError for bad prices and one that has jumped, and where USD are asked for and no price is known.
        """
        given = read_prices(config.prices) if config.prices else {}
        self.is_batch, self.store = config.batch_api, store
        self.list = PriceList(config.source_argument, endpoint, given, _stored(store))
        self.time = SharedTime()
        self.kept: tuple[PriceRow, ...] = ()
        find = self.list.demand if needs_prices(config) else self.list.find
        find(config.source_argument)
        self._keep()

    @property
    def hosting(self) -> Hosting | None:
        """Where the model is served by oneself, by the prices used so far; None where no second has a price."""
        return next((row.hosting for row in self.list.rows if row.hosting), None)

    def begin(self) -> float:
        """A call is sent."""
        return self.time.start(monotonic())

    def end(self, began: float, model: str, usage: Usage) -> tuple[str | None, float | None]:
        """It has ended: the price row's id and the cost in USD, None where unknown."""
        share_s = self.time.end(monotonic(), began)
        try:
            found = self.list.priced(model, usage, share_s=share_s, is_batch=self.is_batch)
        except ConfigError:  # the price of a name that only the endpoint knows has jumped: its answer is here already
            return None, None
        self._keep()
        return found

    def _keep(self) -> None:
        """Store the rows used so far, where there are new ones."""
        if self.store is not None and self.list.rows != self.kept:
            self.kept = self.list.rows
            self.store.write_text(PRICES, ROWS.dump_json(self.kept, indent=2).decode())


def needs_prices(config: RunConfig) -> bool:
    """Whether the run cannot do without knowing what calls cost."""
    return config.budget_usd is not None or any(one.needs_costs for one in load_scorers(config).values())


def _stored(store: Store | None) -> tuple[PriceRow, ...]:
    """The rows a run has used so far.

    Raises: RecordError for a damaged file.
    """
    if store is None or not (path := store.folder / PRICES).exists():
        return ()
    try:
        return ROWS.validate_json(path.read_bytes())
    except ValidationError as error:
        said = error.errors()[0]["msg"]
        raise RecordError(f"{path}: not a run's prices: {said}. Delete it to look them up anew.") from None
