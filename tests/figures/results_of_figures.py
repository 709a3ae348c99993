"""Which results the figures on claims and OIPs are drawn from, and with which options."""

from collections.abc import Callable
from typing import Any

from cnnbook.figures import (
    classes,
    kernels,
    network,
    oip_quality,
    oips,
    probes,
    receptive,
    shifts,
    statements,
    strokes,
    units,
)

Drawn = tuple[Callable[..., Any], list[str], dict[str, Any]]

FIGURES: dict[str, Drawn] = {
    "census": (units.census_figure, ["census"], {}),
    "silence by class": (units.silence_by_class_figure, ["census"], {}),
    "silence's information": (units.silence_information_figure, ["census"], {}),
    "shared points": (classes.shared_points_figure, ["common_points"], {}),
    "five digits": (statements.five_digits_figure, ["five_digits"], {}),
    "similarity": (classes.class_similarity_figure, ["classes"], {}),
    "fcp": (classes.fcp_figure, ["classes"], {"digit": "4", "less": "9"}),
    "dimensions": (network.dimensions_figure, ["dimension"], {}),
    "fields": (receptive.effective_fields_figure, ["receptive_fields"], {}),
    "heads": (probes.heads_figure, ["heads"], {}),
    "changes": (probes.changes_figure, ["heads"], {}),
    "against": (probes.against_figure, ["heads"], {}),
    "points": (probes.points_figure, ["combinations"], {}),
    "combinations": (probes.combinations_figure, ["combinations"], {}),
    "neighbours": (probes.neighbours_figure, ["neighbours"], {}),
    "better space": (probes.better_space_figure, ["clusters"], {}),
    "attribution": (probes.attribution_figure, ["attribution"], {"digit": "one"}),
    "kernels": (kernels.kernels_figure, ["kernels"], {}),
    "orientation": (kernels.orientation_figure, ["orientation"], {}),
    "lines": (kernels.line_directions_figure, ["orientation"], {}),
    "oval": (kernels.oval_figure, ["oval"], {}),
    "blank answers": (kernels.blank_answers_figure, ["oval"], {}),
    "codes": (probes.codes_figure, ["codes"], {}),
    "probes": (probes.probes_figure, ["linear_decodability"], {}),
    "shapes read": (probes.shape_probes_figure, ["four_parts"], {}),
    "decoder": (probes.decoder_figure, ["linear_decodability"], {}),
    "climb": (oips.climb_figure, ["climb"], {}),
    "choices": (oips.choices_figure, ["climb"], {}),
    "oips of conv_1": (oips.layer_oips_figure, ["oips"], {"layer": "conv_1"}),
    "oips of conv_3": (oips.layer_oips_figure, ["oips"], {"layer": "conv_3"}),
    "modes": (oips.modes_figure, ["oips", "oip_quality"], {}),
    "steadiest_map": (oips.steadiest_map_figure, ["steadiest_map"], {}),
    "quality": (oip_quality.quality_figure, ["oip_quality"], {}),
    "scales": (oip_quality.scales_figure, ["oip_search"], {}),
    "shapes": (oip_quality.shapes_figure, ["oip_shape"], {}),
    "typical patches": (oip_quality.typical_patches_figure, ["typical_patches"], {}),
    "mixtures": (oips.mixtures_figure, ["oip_mixing"], {}),
    "patches": (units.patches_figure, ["units"], {}),
    "linear": (units.linear_figure, ["patches"], {}),
    "surrogates": (units.surrogates_figure, ["surrogates"], {}),
    "inversions": (units.inversions_figure, ["inversions"], {}),
    "strokes": (strokes.strokes_figure, ["strokes"], {}),
    "shift grid": (shifts.shift_grid_figure, ["shifts"], {}),
    "shift law": (shifts.shift_law_figure, ["shifts"], {}),
    "importance": (units.importance_figure, ["units"], {}),
}
"""Function, results and options, by a name for tests."""
