"""The market's key figures: what each is, its unit, where its definition comes from, and which view
has it (`energy_grid.backend.store.kpi_views`).

Pages and documentation say what is said here, and show what these columns have.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KPIS", "Kpi"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """A key figure of a span of days.

    Attributes:
        title: as pages call it.
        unit: of the sum; of a share that of both sums.
        definition: in words.
        source: where the definition comes from; empty: it is the market's own.
        view: which has its columns, by day.
        value: the column that is summed.
        of: the column whose sum it is a share of; empty: it is no share.
    """

    title: str
    unit: str
    definition: str
    source: str = ""
    view: str
    value: str
    of: str = ""


_REVIEW = (
    "R. Luthander, J. Widén, D. Nilsson, J. Palm: Photovoltaic self-consumption in buildings: a"
    " review, Applied Energy 142 (2015), there of a building"
)
_SHARING = (
    "energy sharing: Directive (EU) 2019/944, Article 15a, as Directive (EU) 2024/1711 has it"
)
_IMBALANCE = (
    "imbalance: Regulation (EU) 2017/2195, Article 2(8), there of a balance responsible party"
)
_GRANULAR = "EnergyTag, Granular Certificate Scheme Standard; Directive (EU) 2018/2001, Article 19"
_SURPLUS = "economic surplus: Regulation (EU) 2015/1222, Article 38(1)(a)"
_SCOPE_2 = "the location-based method: GHG Protocol, Scope 2 Guidance (2015)"
KPIS = (
    Kpi(
        title="Not bought from the grid",
        unit="Wh/Wh",
        definition="Of what homes took from the street or had bought, the part that was not from"
        " the grid: shared, traded, or drawn from the bank. Self-sufficiency, of a street.",
        source=_REVIEW,
        view="kpi_energy",
        value="not_from_grid_wh",
        of="used_wh",
    ),
    Kpi(
        title="Surplus used nearby",
        unit="Wh/Wh",
        definition="Of what homes gave to the street or had sold, the part that was not fed into"
        " the grid: shared, traded, or kept by the bank. Self-consumption, of a street.",
        source=_REVIEW,
        view="kpi_energy",
        value="not_fed_in_wh",
        of="made_wh",
    ),
    Kpi(
        title="Proven by certificates",
        unit="Wh/Wh",
        definition="Of what was taken from the street, or used of an own certified plant, the"
        " part that certificates of the same slots were retired for. The chain matches them"
        " slot by slot.",
        source=_GRANULAR,
        view="kpi_certified",
        value="retired_wh",
        of="used_wh",
    ),
    Kpi(
        title="Shared",
        unit="Wh",
        definition="What homes took that members of their community gave in the same slots.",
        source=_SHARING,
        view="kpi_energy",
        value="shared_taken_wh",
    ),
    Kpi(
        title="From the grid",
        unit="Wh",
        definition="What the grid delivered: neither shared, nor traded, nor drawn from the bank.",
        view="kpi_energy",
        value="from_grid_wh",
    ),
    Kpi(
        title="Fed in",
        unit="Wh",
        definition="What the grid took: neither shared, nor traded, nor kept by the bank.",
        view="kpi_energy",
        value="fed_in_wh",
    ),
    Kpi(
        title="Earned or paid",
        unit="money/1000",
        definition="What closing the days paid to homes, below 0 what it charged; without trades.",
        view="kpi_energy",
        value="money_thousandths",
    ),
    Kpi(
        title="Covered in the same hour",
        unit="Wh/Wh",
        definition="Of what homes took from the street in an hour, the part that others gave to"
        " it in the same hour: the lesser of both sums. What a house uses of its own panels is"
        " in neither.",
        source=_REVIEW,
        view="kpi_matching",
        value="matched_wh",
        of="import_wh",
    ),
    Kpi(
        title="Taken from the street",
        unit="Wh",
        definition="What the meters of connections counted as taken, on days that were read"
        " throughout.",
        view="kpi_matching",
        value="import_wh",
    ),
    Kpi(
        title="Given to it",
        unit="Wh",
        definition="What the meters of connections counted as given, on days that were read"
        " throughout.",
        view="kpi_matching",
        value="export_wh",
    ),
    Kpi(
        title="Bought",
        unit="Wh",
        definition="Bought less sold to be delivered on the day, of homes that bought more.",
        view="kpi_imbalance",
        value="bought_wh",
    ),
    Kpi(
        title="Sold",
        unit="Wh",
        definition="Sold less bought to be delivered on the day, of homes that sold more.",
        view="kpi_imbalance",
        value="sold_wh",
    ),
    Kpi(
        title="Trades brought or cost",
        unit="money/1000",
        definition="What trades that begin on the day earned less what they cost, without fees.",
        view="kpi_imbalance",
        value="trades_thousandths",
    ),
    Kpi(
        title="Missing",
        unit="Wh",
        definition="In slots, what homes with trades took beyond what they had bought, or gave"
        " below what they had sold.",
        source=_IMBALANCE,
        view="kpi_imbalance",
        value="short_wh",
    ),
    Kpi(
        title="Left over",
        unit="Wh",
        definition="In slots, what homes with trades gave beyond what they had sold, or took"
        " below what they had bought.",
        source=_IMBALANCE,
        view="kpi_imbalance",
        value="long_wh",
    ),
    Kpi(
        title="Imbalance brought or cost",
        unit="money/1000",
        definition="What closing the days of homes with trades paid at the slots' prices, below"
        " 0 what it charged.",
        view="kpi_imbalance",
        value="money_thousandths",
    ),
    Kpi(
        title="Off by",
        unit="Wh/Wh",
        definition="The errors of the hours' forecasts, without their signs, as part of what came.",
        source="MAD/mean: S. Kolassa, W. Schütz: Advantages of the MAD/Mean ratio over the MAPE,"
        " Foresight 6 (2007)",
        view="forecast_errors",
        value="missed_wh",
        of="came_wh",
    ),
    Kpi(
        title="Emissions",
        unit="mg CO2e",
        definition="Energy from the grid times what a clean kWh avoids on the day, as governance"
        " has set it for carbon credits. No factor of the grid's own energy is on the chain.",
        source=_SCOPE_2,
        view="kpi_emissions",
        value="milligrams",
    ),
    Kpi(
        title="Of the best",
        unit="money/money",
        definition="Welfare as part of the most that the same orders allowed, as the audit of a"
        " batch finds it.",
        view="kpi_welfare",
        value="welfare_thousandths",
        of="optimum_thousandths",
    ),
    Kpi(
        title="Welfare",
        unit="money/1000",
        definition="What the limits of bids and asks that traded were apart, times the energy.",
        source=_SURPLUS,
        view="kpi_welfare",
        value="welfare_thousandths",
    ),
    Kpi(
        title="Traded",
        unit="Wh",
        definition="What batches of this backend traded, by the day on which periods begin.",
        view="kpi_welfare",
        value="energy_wh",
    ),
    Kpi(
        title="All services, by home and day",
        unit="gas",
        definition="What the chain took for all transactions of this backend's services, by home"
        " with a meter and day, also of oracles and operators. What wallets send is not in it.",
        view="kpi_gas",
        value="gas",
        of="households",
    ),
    *(
        Kpi(title=title, unit="gas", definition=definition, view="kpi_gas", value=value)
        for title, value, definition in (
            ("Batches", "batches", "Gas of clearing and settling orders in batches."),
            ("Settlement", "settlement", "Gas of sharing energy and closing days."),
            ("Readings", "readings", "Gas of bringing meters' days to the chain."),
            ("Relay", "relay", "Gas of transactions that were sent for those who pay none."),
            ("Oracles and operators", "grid", "Gas of what oracles report, and operators do."),
        )
    ),
)
