# ref-load.mk - references by their names, ready to learn from: found, fetched, converted if they
# are RDS, and with approved gene symbols.
#
#   make -f workflows/ref-load.mk lung_covid.h5ad colon_immune_niches.h5ad [REGISTRY=mine.yaml]
#
# What is fetched stays in the cache of ref-fetch.

WORKFLOWS := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
BIN ?= $(WORKFLOWS)/../build/bin
REGISTRY ?=

.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
export PATH := $(abspath $(BIN)):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help
help:
	@echo 'make -f $(lastword $(MAKEFILE_LIST)) NAME.h5ad ... (ref-query lists the names)'

%.fetched:
	@$(WORKFLOWS)/steps/fetch-named reference $* $(REGISTRY) -o $@

%.h5ad: %.fetched
	@gene-normalize --report $*.genes.tsv $< -o $@
