"""``python -m resnet_gui`` is ``resnet-gui``."""

import sys

from resnet_gui.cli.entry import main

if __name__ == "__main__":
    sys.exit(main())
