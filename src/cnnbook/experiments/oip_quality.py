"""How far can the OIPs be trusted?

A card of numbers for every map says so (see `oip.scores`), beside networks that did not learn digits.

*One pattern* (claim C40) means an agreement of 0.8 or more. Start agreement (S4) is the mean correlation of
pictures from starts of different single scales. Agreement depends on how pictures may move; so it is also
given for each preset, on the first network.
"""

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr
from jaxtyping import Float

from cnnbook.experiments.experiment import Fact, Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.oips import LAYERS, NULLS, Config, kinds_of, null_oips_of, oips_of, starts_of
from cnnbook.maps import map_responses
from cnnbook.nets.geometry import CROP
from cnnbook.oip.ascent import ascend
from cnnbook.oip.layer import MIXED, LayerOIPs
from cnnbook.oip.objective import SHAPES, map_mean
from cnnbook.oip.presets import PRESETS
from cnnbook.oip.quality import ALIKE, agreement, match_maps, percentile_rank
from cnnbook.oip.scores import CARD, quality_scores
from cnnbook.oip.start import as_bytes
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

_CARD_OF = {"": "", "untrained": "_untrained", "shuffled labels": "_shuffled"}
"""How names of facts end: for the first network, and for the baselines."""


def _of_live(result: xr.Dataset, name: str) -> xr.DataArray:
    """A number of the card for live maps."""
    return result.card.sel(number=name).where(result.live)


def _one_mode_share(result: xr.Dataset) -> xr.DataArray:
    """The share of live maps with one pattern; 0 where no map is live."""
    return (_of_live(result, "agreement") >= ALIKE).where(result.live).mean("map_conv_3").fillna(0)


def _start_agreement(result: xr.Dataset) -> xr.DataArray:
    return _of_live(result, "start_agreement").mean("map_conv_3").fillna(0)


def _live_of(result: xr.Dataset, null: str) -> xr.DataArray:
    """Which maps are live, in the first network or in a baseline."""
    return result.null_live.sel(null=null) if null else result.live.isel(net=0)


def _median(name: str, null: str) -> Callable[[xr.Dataset], float]:
    """The median of a number over live maps, 0 if nothing is known."""

    def median(result: xr.Dataset) -> float:
        card = result.null_card.sel(null=null) if null else result.card.isel(net=0)
        known = card.sel(number=name).where(_live_of(result, null)).dropna("map_conv_3").values
        return float(np.median(known)) if len(known) else 0.0

    return median


def _facts_of(null: str, end: str) -> list[Fact]:
    """Of the first network or of a baseline: how many maps are live, and the medians of the card."""
    medians = [
        fact(f"{name}{end}", _median(name, null), ".0f" if name in ("rank", "modes") else ".2f")
        for name in CARD
    ]
    return [fact(f"live{end}", lambda result: int(_live_of(result, null).sum()), ".0f"), *medians]


@experiment(
    config_of="oips",
    nets=("reference", "shuffled"),
    together=True,
    builds_on=("oips",),
    coords={"null": NULLS, "number": CARD, "preset": tuple(PRESETS)},
    about=lambda run: {"alike": ALIKE},
    variables=[
        *(variable(f"mode_{layer}", f"map_{layer} mixed", "mode of a picture") for layer in LAYERS),
        *(variable(f"card_{layer}", f"number map_{layer}", "quality scores") for layer in LAYERS[:2]),
        *(
            variable(f"live_{layer}", f"map_{layer}", "whether a map responds to digits")
            for layer in LAYERS[:2]
        ),
        variable("card", "net number map_conv_3", "quality scores of Conv_3"),
        variable("live", "net map_conv_3", "whether a map responds to digits"),
        variable("null_card", "null number map_conv_3", "quality scores of Conv_3"),
        variable("null_live", "null map_conv_3", "whether a map responds to digits"),
        variable("transfer", "net map_conv_3", "share of images that a partner responds to less"),
        variable("transfer_unmatched", "net map_conv_3", "the same for a map that is not the partner"),
        variable("by_preset", "preset map_conv_3", "agreement, first network"),
    ],
    statistics=[
        statistic("one_mode_share", _one_mode_share, "share of live maps whose OIPs from many starts agree"),
        statistic("start_agreement", _start_agreement, "correlation of OIPs from starts of different scales"),
    ],
    facts=[
        fact("alike", form="g"),
        *(each for null, end in _CARD_OF.items() for each in _facts_of(null, end)),
        fact("transfer", form=".0%"),
        fact("transfer_unmatched", form=".0%"),
        fact("agreement_{preset}", lambda r: r.by_preset.where(r.live.isel(net=0))),
        fact("one_mode", "one_mode_share", ".0%"),
        fact("scales", "start_agreement"),
    ],
)
def oip_quality(run: Measurement[Config]) -> Measured:
    """Quality scores of all maps of the first network, and of Conv_3 in all networks and both baselines."""
    reference, count = run.reference, len(run.reference)
    looked_at = [*reference, untrained(reference[0]), run.nets["shuffled"][0]]
    found = [*(oips_of(run, number) for number in range(count)), *null_oips_of(run)]
    scored = [
        quality_scores(net, "conv_3", run.digits, oips) for net, oips in zip(looked_at, found, strict=True)
    ]
    scores, live = np.stack([each.numbers for each in scored]), np.stack([each.live for each in scored])
    matched, unmatched = _transfer(reference, run)
    measured = {
        "card": scores[:count],
        "live": live[:count],
        "null_card": scores[count:],
        "null_live": live[count:],
        "transfer": matched,
        "transfer_unmatched": unmatched,
        "by_preset": _by_preset(reference[0], run),
        "mode_conv_3": scored[0].mode,
    }
    for layer in LAYERS[:2]:
        of_layer = quality_scores(reference[0], layer, run.digits, _first_network(layer, run))
        measured |= {
            f"mode_{layer}": of_layer.mode,
            f"card_{layer}": of_layer.numbers,
            f"live_{layer}": of_layer.live,
        }
    return measured


def _first_network(layer: str, run: Measurement[Config]) -> LayerOIPs:
    """The OIPs of a layer of the first network."""
    result = run.results["oips"]
    return LayerOIPs(result[f"picture_{layer}"].values, result[f"reached_{layer}"].values, kinds_of(result))


def _by_preset(net: TrainedNet, run: Measurement[Config]) -> list[list[float]]:
    """Agreement over mixed starts by preset and map of Conv_3."""
    starts, kinds = starts_of(run)
    mixed = starts[np.array(kinds) == MIXED]
    objectives = [map_mean("conv_3", index) for index in range(SHAPES["conv_3"][2])]
    by_preset = []
    for name in PRESETS:
        key = run.key(f"ascents by {name}")
        ascent = ascend(net, objectives, mixed, run.config.preset(name), key=key)
        flat = ascent.pictures[:, :, :CROP, :CROP].reshape(len(objectives), len(mixed), -1)
        by_preset.append([agreement(each[high > 0]) for each, high in zip(flat, ascent.reached, strict=True)])
    return by_preset


def _transfer(nets: Sequence[TrainedNet], run: Measurement[Config]) -> Float[np.ndarray, "2 nets maps"]:
    """Where the partner's response to an OIP lies among those to test images; and that of another map."""
    own = [map_responses(net, run.digits.test_images, ("conv_3",))["conv_3"].mean for net in nets]
    transfer = np.zeros((2, len(nets), own[0].shape[1]))
    for n in range(len(nets)):
        other = (n + 1) % len(nets)
        partner, _ = match_maps(own[n], own[other])
        oips = oips_of(run, n)
        responses = map_responses(nets[other], as_bytes(oips.best), ("conv_3",))["conv_3"].mean
        for k in range(len(partner)):
            if not oips.has_oip[k]:
                transfer[:, n, k] = np.nan
                continue
            for row, at in enumerate((partner[k], partner[(k + 1) % len(partner)])):
                transfer[row, n, k] = percentile_rank(float(responses[k, at]), own[other][:, at])
    return transfer
