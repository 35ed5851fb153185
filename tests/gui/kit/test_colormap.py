"""The colour maps are the published ones."""

from __future__ import annotations

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex

from resnet_gui.gui.kit.colormap import table, viridis, viridis_ramp


@pytest.mark.parametrize("name", ["viridis", "magma"])
def test_a_table_is_matplotlib_s_to_the_byte(name: str) -> None:
    wanted = [to_hex(colour) for colour in mpl.colormaps[name](np.arange(256))]
    assert ["#" + bytes(map(int, colour)).hex() for colour in table(name)] == wanted


def test_colours_of_qt_and_of_images_are_those_of_the_table() -> None:
    assert [viridis(step / 255).rgb() for step in range(256)] == viridis_ramp().tolist()
    assert viridis(1.0).name() == "#fde725"


def test_the_tables_are_read_without_pyqtgraph() -> None:
    use = "import sys; from resnet_gui.gui.kit.colormap import viridis; viridis(0.5)"
    code = f"{use}; assert 'pyqtgraph' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
