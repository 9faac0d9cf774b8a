"""Generates `freddy_openapi.models` from the document, by the options in pyproject.toml."""

import subprocess
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Models(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        subprocess.run([sys.executable, "-m", "datamodel_code_generator"], cwd=self.root, check=True)
