"""Settings: `config/pipeline.toml`, overlaid by the environment.

`sections` and `web_sections` say what the file may hold; `loading` reads it, and explains what is
wrong in it.
"""

from survey_pipeline.settings.loading import (
    CONFIG_FILE,
    keys_from_environment,
    load_settings,
    parse_settings,
    read_settings_text,
)
from survey_pipeline.settings.sections import (
    Callbacks,
    Gateway,
    Settings,
    Traffic,
    Wait,
)
from survey_pipeline.settings.web_sections import Network, Security

__all__ = [
    "CONFIG_FILE",
    "Callbacks",
    "Gateway",
    "Network",
    "Security",
    "Settings",
    "Traffic",
    "Wait",
    "keys_from_environment",
    "load_settings",
    "parse_settings",
    "read_settings_text",
]
