"""Every number of the book that somebody chose, with its unit, in frozen dataclasses.

A recipe says how a network learns; a profile is a named set of all numbers of one edition and nothing else.
"""

from cnnbook.config.checked import Checked, from_dict, to_dict
from cnnbook.config.profiles import PROFILES, QUESTIONS, Profile, profile_named
from cnnbook.config.questions import (
    AttributionConfig,
    CensusConfig,
    ClassesConfig,
    ClimbConfig,
    CodesConfig,
    CommonCountsConfig,
    CommonPointsConfig,
    DimensionConfig,
    FieldsConfig,
    HeadsConfig,
    InversionsConfig,
    LikenessConfig,
    LostConfig,
    OipConfig,
    OrientationConfig,
    OvalConfig,
    PatchesConfig,
    SurrogatesConfig,
    UnitsConfig,
)
from cnnbook.config.training import RECIPES, NetworkName, ScalingName, TrainConfig, recipe_named

__all__ = [
    "PROFILES",
    "QUESTIONS",
    "RECIPES",
    "AttributionConfig",
    "CensusConfig",
    "Checked",
    "ClassesConfig",
    "ClimbConfig",
    "CodesConfig",
    "CommonCountsConfig",
    "CommonPointsConfig",
    "DimensionConfig",
    "FieldsConfig",
    "HeadsConfig",
    "InversionsConfig",
    "LikenessConfig",
    "LostConfig",
    "NetworkName",
    "OipConfig",
    "OrientationConfig",
    "OvalConfig",
    "PatchesConfig",
    "Profile",
    "ScalingName",
    "SurrogatesConfig",
    "TrainConfig",
    "UnitsConfig",
    "from_dict",
    "profile_named",
    "recipe_named",
    "to_dict",
]
