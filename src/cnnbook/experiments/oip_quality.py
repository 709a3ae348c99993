"""How far can the OIPs be trusted, and do starts of different scales end in one pattern?

A card of numbers for every map says how far (see `oip.scores`), beside networks that did not learn digits.

*One pattern* (claim S4): OIPs of a map from starts of different single scales are compared at the best shift
of one against the other, for a pattern may lie anywhere in a picture, and by their amplitude spectra. Both
measures find some likeness between any two OIPs. So the same is measured between OIPs of different maps, and
what counts is the likeness above that (`corrected_for_chance`). Agreement also depends on how pictures may
move; so it is given for each preset, on the first network.
"""

from collections.abc import Callable, Sequence

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float

from cnnbook.experiments.experiment import Fact, Measured, Measurement, experiment, fact, statistic, variable
from cnnbook.experiments.oips import LAYERS, TRAINING, Config, kinds_of, oips_of, starts_of
from cnnbook.keys import uniform
from cnnbook.maps import map_responses
from cnnbook.nets.geometry import CROP
from cnnbook.oip.alignment import (
    aligned_correlations,
    aligned_likeness,
    corrected_for_chance,
    spectrum_correlations,
)
from cnnbook.oip.ascent import ascend
from cnnbook.oip.layer import MIXED, LayerOIPs
from cnnbook.oip.objective import SHAPES, map_mean
from cnnbook.oip.presets import PRESETS
from cnnbook.oip.quality import ALIKE, match_maps, mean_of_pairs, percentile_rank
from cnnbook.oip.scores import CARD, QualityScores, quality_scores
from cnnbook.oip.start import as_bytes
from cnnbook.training.initial import untrained
from cnnbook.training.trained import TrainedNet

_CARD_OF = {"": TRAINING[0], "_untrained": TRAINING[1], "_shuffled": TRAINING[2]}
"""Networks by how names of facts about them end."""

MEASURES = ("shifted", "spectra")
"""How OIPs are compared: at the best shift, and by their amplitude spectra."""

PAIRS = ("same map", "different maps")
"""What is compared; the second is what the measures find without any pattern in common."""


def _above_chance(measure: str) -> Callable[[xr.Dataset], xr.DataArray]:
    """The likeness of a map's OIPs from different scales above that of different maps, by network."""

    def above(result: xr.Dataset) -> xr.DataArray:
        likeness = result.scale_likeness.sel(training=TRAINING[0], measure=measure)
        return corrected_for_chance(*(likeness.sel(pair=pair, drop=True) for pair in PAIRS))

    return above


def _median(name: str, training: str) -> Callable[[xr.Dataset], float]:
    """The median of a number over the live maps of all such networks, 0 if nothing is known."""

    def median(result: xr.Dataset) -> float:
        card, live = (result[each].sel(training=training) for each in ("card", "live"))
        known = card.sel(number=name).where(live).values
        known = known[np.isfinite(known)]
        return float(np.median(known)) if len(known) else 0.0

    return median


def _facts_of(end: str, training: str) -> list[Fact]:
    """Of networks: how many maps are live, and the medians of the card."""
    medians = [
        fact(f"{name}{end}", _median(name, training), ".0f" if name in ("rank", "modes") else ".2f")
        for name in CARD
    ]
    return [
        fact(f"live{end}", lambda r: int(r.live.sel(training=training).isel(net=0).sum()), ".0f"),
        *medians,
    ]


def _likeness_facts() -> list[Fact]:
    """Likeness across scales by measure and by what is compared, trained and before training."""
    return [
        fact(
            f"{measure}_{pair.replace(' ', '_')}{end}",
            lambda r, measure=measure, pair=pair, training=training: r.scale_likeness.sel(
                training=training, measure=measure, pair=pair
            ),
        )
        for measure in MEASURES
        for pair in PAIRS
        for end, training in list(_CARD_OF.items())[:2]
    ]


@experiment(
    config_of="oips",
    nets=("reference", "shuffled"),
    together=True,
    builds_on=("oips",),
    coords={
        "training": TRAINING,
        "number": CARD,
        "preset": tuple(PRESETS),
        "measure": MEASURES,
        "pair": PAIRS,
    },
    about=lambda run: {"alike": ALIKE},
    variables=[
        *(variable(f"mode_{layer}", f"map_{layer} mixed", "mode of a picture") for layer in LAYERS),
        *(variable(f"card_{layer}", f"number map_{layer}", "quality scores") for layer in LAYERS[:2]),
        *(
            variable(f"live_{layer}", f"map_{layer}", "whether a map responds to digits")
            for layer in LAYERS[:2]
        ),
        variable("card", "training net number map_conv_3", "quality scores of Conv_3"),
        variable("live", "training net map_conv_3", "whether a map responds to digits"),
        variable("response_mean", "net map_conv_3", "mean response to training images"),
        variable("response_spread", "net map_conv_3", "standard deviation of these responses"),
        variable("scale_likeness", "training measure pair net", "of OIPs from starts of different scales"),
        variable("transfer", "net map_conv_3", "share of images that a partner responds to less"),
        variable("transfer_unmatched", "net map_conv_3", "the same for a map that is not the partner"),
        variable("by_preset", "preset map_conv_3", "agreement, first network"),
    ],
    statistics=[
        statistic("one_pattern", _above_chance("shifted"), "likeness of OIPs across scales, above chance"),
        statistic("one_spectrum", _above_chance("spectra"), "likeness of their spectra, above chance"),
    ],
    facts=[
        fact("alike", form="g"),
        *(each for end, training in _CARD_OF.items() for each in _facts_of(end, training)),
        *_likeness_facts(),
        fact("transfer", form=".0%"),
        fact("transfer_unmatched", form=".0%"),
        fact("agreement_{preset}", lambda r: r.by_preset.where(r.live.isel(training=0, net=0))),
        fact("one_pattern"),
        fact("one_spectrum"),
    ],
)
def oip_quality(run: Measurement[Config]) -> Measured:
    """Quality scores of all maps of the first network, and of Conv_3 in all networks and baselines."""
    reference, count = run.reference, len(run.reference)
    looked_at = {
        TRAINING[0]: list(reference),
        TRAINING[1]: [untrained(net) for net in reference],
        TRAINING[2]: [run.nets["shuffled"][0]],
    }
    maps = SHAPES["conv_3"][2]
    card = np.full((len(TRAINING), count, len(CARD), maps), np.nan)
    live = np.zeros((len(TRAINING), count, maps), bool)
    likeness = np.full((len(TRAINING), len(MEASURES), len(PAIRS), count), np.nan)
    scored: dict[tuple[int, int], QualityScores] = {}
    for row, (training, nets) in enumerate(looked_at.items()):
        for n, net in enumerate(nets):
            oips = oips_of(run, n, training=training)
            scores = quality_scores(net, "conv_3", run.digits, oips, images=run.config.responses)
            scored[row, n], card[row, n], live[row, n] = scores, scores.numbers, scores.live
            likeness[row, :, :, n] = _across_scales(oips, scores.live, run, n)
    of_net = [scored[0, n] for n in range(count)]
    matched, unmatched = _transfer(reference, run)
    return {
        "card": card,
        "live": live,
        "response_mean": [each.mean for each in of_net],
        "response_spread": [each.spread for each in of_net],
        "scale_likeness": likeness,
        "transfer": matched,
        "transfer_unmatched": unmatched,
        "by_preset": _by_preset(reference[0], run),
        "mode_conv_3": of_net[0].mode,
        **_lower_layers(reference[0], run),
    }


def _lower_layers(net: TrainedNet, run: Measurement[Config]) -> Measured:
    """Modes, cards and live maps of Conv_1 and Conv_2."""
    measured = {}
    for layer in LAYERS[:2]:
        scores = quality_scores(
            net, layer, run.digits, _first_network(layer, run), images=run.config.responses
        )
        measured |= {
            f"mode_{layer}": scores.mode,
            f"card_{layer}": scores.numbers,
            f"live_{layer}": scores.live,
        }
    return measured


def _across_scales(
    oips: LayerOIPs, live: Bool[np.ndarray, " maps"], run: Measurement[Config], number: int
) -> Float[np.ndarray, "measures pairs"]:
    """Likeness of OIPs from starts of two different single scales: of one map, and of different maps.

    Pairs count if both starts wake their maps, and both maps are live. Means over maps; 0 where no pair does.
    """
    single = np.flatnonzero(oips.kinds != MIXED)
    one, two = (single[index] for index in np.triu_indices(len(single), 1))
    crossing = oips.kinds[one] != oips.kinds[two]
    one, two = one[crossing], two[crossing]
    awake = (oips.reached > 0) & live[:, None]
    able = np.flatnonzero(awake[:, single].any(axis=1))
    order = able[np.argsort(uniform(run.key("different maps", net=number), able.shape))]
    other = np.arange(len(live))
    other[order] = np.roll(order, 1)
    flat = oips.pictures[:, :, :CROP, :CROP].reshape(-1, CROP, CROP)
    starts, likeness = oips.pictures.shape[1], np.zeros((len(MEASURES), len(PAIRS)))
    for pair, partner in enumerate((np.arange(len(live)), other)):
        if pair and len(able) < 2:
            continue
        both = awake[:, one] & awake[partner][:, two]
        maps, which = np.nonzero(both)
        if not len(maps):
            continue
        pairs = np.stack([maps * starts + one[which], partner[maps] * starts + two[which]], axis=1)
        for measure, compare in enumerate((aligned_correlations, spectrum_correlations)):
            r = compare(flat, flat, pairs)
            by_map = np.bincount(maps, r, len(live))[both.any(axis=1)] / both.sum(axis=1)[both.any(axis=1)]
            likeness[measure, pair] = by_map.mean()
    return likeness


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
        inside = ascent.pictures[:, :, :CROP, :CROP]
        pairs = zip(inside, ascent.reached, strict=True)
        by_preset.append([mean_of_pairs(aligned_likeness(each[high > 0])) for each, high in pairs])
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
