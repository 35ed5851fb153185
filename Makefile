# Each target does its own set-up first; dev.py does the work and also runs without make.
PYTHON ?= python3

.PHONY: setup run test prove bench guide install uninstall

setup run test prove bench guide install uninstall:
	@$(PYTHON) dev.py $@
