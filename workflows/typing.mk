# typing.mk - references and queries in, typed cells out: the whole pipeline under Make.
#
#   make -f workflows/typing.mk CONFIG=colon.yaml [-j2]
#
# steps.tsv is the list of steps. conf-mk reads it and the config, and writes $(RUN)/run.mk, a rule
# for every step there is, and $(RUN)/stamps/STEP: the command, and path, size and time of what it
# reads from elsewhere. A step hangs on its stamp, which is touched only when its content changes: a
# new threshold reruns the gate and what comes after it, nothing before. No step depends on a source
# file itself: a file from a clock that is ahead would be newer for ever, and one that was put back
# never.

WORKFLOWS := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
BIN ?= $(WORKFLOWS)/../build/bin
RUNS ?= runs
CONFIG ?= $(error CONFIG=FILE.yaml is missing)
SHARDS ?= 1

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash

# What a user gives, as one word of the shell: not expanded by Make (which would, to put it into the
# environment of commands), in quotes.
unexport CONFIG RUNS BIN SHARDS TARGET ADOPT
quoted = '$(subst ','\'',$(value $(1)))'
bin := $(shell cd $(call quoted,BIN) && pwd)
export PATH := $(bin):$(abspath $(WORKFLOWS))/steps:$(PATH)
conf_mk = $(bin)/conf-mk --steps $(WORKFLOWS)/steps.tsv --shards $(call quoted,SHARDS) $(1) -- \
	$(call quoted,CONFIG)

NAME := $(shell $(call conf_mk,--check))
$(if $(NAME),,$(error $(value CONFIG) is not a config that can be run))
RUN := $(value RUNS)/$(NAME)
run := $(call quoted,RUN)
PREPARED := $(shell $(WORKFLOWS)/run/settle-clock $(run) && $(WORKFLOWS)/run/sweep $(run) && \
	$(call conf_mk,$(if $(value ADOPT),--adopt) -o $(run)) >&2 && echo yes)
$(if $(PREPARED),,$(error $(RUN) cannot be used))

.DEFAULT_GOAL := type
.PHONY: type status why verify summary
type: $(RUN)/run.json
	@$(WORKFLOWS)/run/not-typed $(RUN) $(QUERIES)
	@echo "typed: $(RUN)/typed$$([ ! -e $(RUN)/report.html ] || echo '; the page: $(RUN)/report.html')" >&2

# $(call step,[-q] MANIFEST OUTPUT...) COMMAND: one step, timed, with its manifest; by the recipe's own shell.
step = @. $(WORKFLOWS)/run/step $(1) --
include $(RUN)/run.mk

$(RUN)/run.json: $(STEPS) $(RUN)/stamps/steps
	@$(WORKFLOWS)/run/collect $(RUN) $(NAME) $(call quoted,CONFIG) >$@

# Which steps are fresh, stale, missing: those that Make would run are not fresh.
status:
	@$(WORKFLOWS)/run/status $(RUN)/run.mk $(STEPS) < <($(again) -n type 2>/dev/null)

again = $(MAKE) --no-print-directory -f $(WORKFLOWS)/typing.mk CONFIG=$(call quoted,CONFIG) \
	RUNS=$(call quoted,RUNS) BIN=$(bin) SHARDS=$(call quoted,SHARDS)

# Why would TARGET be made?
why:
	@target=$(call quoted,TARGET); [ -n "$$target" ] || \
		{ echo 'why: TARGET=FILE is missing: which file? (status lists them)' >&2; exit 2; }; \
		plan=; [[ $$target = *[=$$]* ]] || plan=$$($(again) -n --debug=b -- "$$target" 2>/dev/null) || plan=; \
		[ -n "$$plan" ] || { echo "why: $$target: no step makes this (status lists what they make)" >&2; exit 2; }; \
		sed -nE "s/^ *(Prerequisite '.*' is newer than target '.*'|File '.*' does not exist).*/\1/p" <<<"$$plan" | sort -u | \
		grep -v "'.*PHONY\|'type'" || echo "$$target is fresh"

# Is every output still what its step wrote?
verify:
	@$(WORKFLOWS)/run/verify $(RUN)

summary:
	@$(WORKFLOWS)/run/summary $(RUN) $(QUERIES)
