"""Every number of the book that somebody chose, with its unit, in frozen dataclasses.

A recipe says how a network learns; a profile is a named set of all numbers of one edition and nothing else.
"""

from cnnbook.config.checked import Checked, from_dict, to_dict
from cnnbook.config.profiles import PROFILES, QUESTIONS, Profile, profile_named
from cnnbook.config.questions import (
    AttributionConfig,
    CensusConfig,
    ClassesConfig,
    CodesConfig,
    CommonCountsConfig,
    CommonPointsConfig,
    DimensionConfig,
    FieldsConfig,
    HeadsConfig,
    LikenessConfig,
    LostConfig,
    OrientationConfig,
    OvalConfig,
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
    "CodesConfig",
    "CommonCountsConfig",
    "CommonPointsConfig",
    "DimensionConfig",
    "FieldsConfig",
    "HeadsConfig",
    "LikenessConfig",
    "LostConfig",
    "NetworkName",
    "OrientationConfig",
    "OvalConfig",
    "Profile",
    "ScalingName",
    "TrainConfig",
    "from_dict",
    "profile_named",
    "recipe_named",
    "to_dict",
]
