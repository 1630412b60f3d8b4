# Yiboling 一拨灵. `make` alone lists what can be done.
SHELL := bash
.DEFAULT_GOAL := help
PYTHON311 := $(shell scripts/find-python)
HOTLINE := .venv/bin/python -m bot.cli

.PHONY: help setup up test lint train bench screens clean

help: ## what can be done
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

setup: .venv/ready .venv-rasa/ready ## make the two Python environments

up: setup ## run the hotline on this machine until Ctrl-C
	@$(HOTLINE) up

test: setup .venv/dev-ready ## everything: lint, types, imports, unit, services, channels, browser, processes, faults
	@scripts/test

lint: .venv/dev-ready ## style, types, import rules
	@scripts/lint

train: setup ## train the model if none fits the data
	@$(HOTLINE) train

bench: setup .venv-stock/ready ## compare with a stock Rasa project on this machine
	@$(HOTLINE) bench chat --compare-stock

screens: .venv/dev-ready ## a picture of every page in docs/screens
	@.venv/bin/python -m pytest -q tests/console/screens.py

clean: ## remove environments, models and local data
	rm -rf .venv .venv-rasa .venv-stock models var

.venv/ready: requirements/app.txt
	@scripts/venv .venv requirements/app.txt && touch $@

.venv/dev-ready: requirements/dev.txt | .venv/ready
	@scripts/venv .venv requirements/dev.txt && touch $@

.venv-rasa/ready: requirements/rasa.txt
	@scripts/venv .venv-rasa requirements/rasa.txt --no-deps --ignore-requires-python && touch $@

.venv-stock/ready: requirements/stock.txt
	@scripts/venv .venv-stock requirements/stock.txt --no-deps --ignore-requires-python && touch $@
