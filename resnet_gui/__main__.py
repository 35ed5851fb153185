"""``python -m resnet_gui`` is ``resnet-gui``."""

import sys

from resnet_gui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
