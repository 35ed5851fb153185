"""The command ``resnet-gui``: one file a command."""
