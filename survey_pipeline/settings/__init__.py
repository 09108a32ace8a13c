"""Settings: `config/pipeline.toml`, overlaid by the environment.

`sections` says what the file may hold; `loading` reads it, and explains what is wrong in it.
"""

from survey_pipeline.settings.loading import CONFIG_FILE, load_settings
from survey_pipeline.settings.sections import (
    Callbacks,
    Gateway,
    Network,
    Settings,
    Traffic,
    Wait,
)

__all__ = [
    "CONFIG_FILE",
    "Callbacks",
    "Gateway",
    "Network",
    "Settings",
    "Traffic",
    "Wait",
    "load_settings",
]
