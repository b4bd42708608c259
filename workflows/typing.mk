# typing.mk - references and queries in, typed cells out: the whole pipeline as rules.
#
#   make -f workflows/typing.mk CONFIG=colon.yaml [-j2]
#
# conf-mk turns the config into $(RUN)/run.mk (variables), $(RUN)/params/STEP (options of that step's
# filter) and $(RUN)/stamps/THING (path, size and time of a source file, lists, switches). Each step
# depends on its own of these, which are touched only when their content changes: a new threshold
# reruns the gate and what comes after it, nothing before. No step depends on a source file itself:
# a file from a clock that is ahead would be newer for ever, and one that was put back never.
#
#   reference: fetch, import, h5-subsample, gene-normalize, lognorm   refs/REF.*.h5ad
#   all:       concat, lr-train                                       train.h5ad, models/trained.h5
#   query:     import, gene-normalize                                 queries/QUERY.*.h5ad
#              lr-predict with each model, ensemble                   calls/, ensemble/
#              knn-graph, overcluster, vote (if asked for)            clusters/, voted/
#              gate, cl-map, the tables joined                        gated/, map/, typed/
#              h5-obs, evaluate, report                               typed/QUERY.h5ad, report.html
#
# Subsampling comes before renaming genes: it reads only the chunks it needs of a large atlas, and
# the renaming is then of a small file. Either order gives the same cells.

WORKFLOWS := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
BIN ?= $(WORKFLOWS)/../build/bin
RUNS ?= runs
CONFIG ?= $(error CONFIG=FILE.yaml is missing)

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash
export PATH := $(shell cd '$(BIN)' && pwd):$(PATH)

NAME := $(shell $(BIN)/conf-mk --check '$(CONFIG)')
$(if $(NAME),,$(error $(CONFIG) is not a config that can be run))
RUN := $(RUNS)/$(NAME)
PREPARED := $(shell $(WORKFLOWS)/settle-clock $(RUN) && $(WORKFLOWS)/sweep $(RUN) && \
	$(BIN)/conf-mk $(if $(ADOPT),--adopt) $(CONFIG) -o $(RUN) >&2 && echo yes)
$(if $(PREPARED),,$(error $(RUN) cannot be used))
include $(RUN)/run.mk

P := $(RUN)/params
S := $(RUN)/stamps
params = $(file <$(P)/$(1))
# $(call run,NAME,COMMAND): one step, timed, with its manifest.
run = @$(WORKFLOWS)/step $(RUN) $(1) -- $(2)

# ---- references ------------------------------------------------------------------------------
# A source of cells is an h5ad as it lies there, or one that is made of it. $(1): the source's file;
# $(2): the h5ad to make of another kind; $(3): the stamp.
is_h5ad = $(filter %.h5ad,$(1))
h5ad_of = $(if $(call is_h5ad,$(1)),$(1),$(2))
needs_of = $(if $(call is_h5ad,$(1)),$(3),$(2))
importer = $(if $(filter %.rds %.RDS %.Rds,$(1)),rds-import,h5-import)

define reference_rules
ifneq ($$(REFERENCE.$(1).id),)
REFERENCE.$(1).h5ad := $(RUN)/refs/$(1).fetched.h5ad
REFERENCE.$(1).needs := $(RUN)/refs/$(1).fetched.h5ad
$(RUN)/refs/$(1).fetched.h5ad: $(S)/reference.$(1)
	$$(call run,fetch.$(1),$(WORKFLOWS)/fetch-named reference $$(REFERENCE.$(1).id) $$(REGISTRY) -o $$@)
else
REFERENCE.$(1).h5ad := $$(call h5ad_of,$$(REFERENCE.$(1).path),$(RUN)/refs/$(1).h5ad)
REFERENCE.$(1).needs := $$(call needs_of,$$(REFERENCE.$(1).path),$(RUN)/refs/$(1).h5ad,$(S)/reference.$(1))
$(RUN)/refs/$(1).h5ad: $(S)/reference.$(1)
	$$(call run,import-reference.$(1),$$(call importer,$$(REFERENCE.$(1).path)) $$(REFERENCE.$(1).path) -o $$@)
endif
$(RUN)/refs/$(1).sub.h5ad: $$(REFERENCE.$(1).needs) $(P)/reference.$(1) $(P)/subsample
	$$(call run,subsample.$(1),h5-subsample $$(call params,reference.$(1)) \
		$$(call params,subsample) $$(REFERENCE.$(1).h5ad) -o $$@)
$(RUN)/refs/$(1).genes.h5ad: $(RUN)/refs/$(1).sub.h5ad
	$$(call run,genes-reference.$(1),gene-normalize --report $(RUN)/refs/$(1).genes.tsv $$< -o $$@)
$(RUN)/refs/$(1).log.h5ad: $(RUN)/refs/$(1).genes.h5ad
	$$(call run,lognorm.$(1),lognorm --accept subset $$< -o $$@)
$(RUN)/refs/$(1).labels.tsv: $(RUN)/refs/$(1).sub.h5ad $(P)/reference.$(1)
	$$(call run,labels.$(1),h5-obs get -c $$(REFERENCE.$(1).label) $$< -o $$@)
endef
$(foreach r,$(REFERENCES),$(eval $(call reference_rules,$(r))))

# ---- training --------------------------------------------------------------------------------
# With "harmonise: yes" the references' labels meet at the ontology's names, and the model keeps ids.
LABEL_MAP := $(if $(HARMONISE),$(RUN)/map/references.tsv)
$(RUN)/map/references.tsv: $(REFERENCES:%=$(RUN)/refs/%.labels.tsv) $(P)/ontology $(S)/ontology
	$(call run,map.references,cl-map -c label $(call params,ontology) \
		<($(WORKFLOWS)/unite-labels $(REFERENCES:%=$(RUN)/refs/%.labels.tsv)) -o $@)

$(RUN)/train.h5ad: $(REFERENCES:%=$(RUN)/refs/%.log.h5ad) $(P)/concat $(S)/panel $(S)/harmonise $(LABEL_MAP)
	$(call run,concat,concat $(call params,concat) $(LABEL_MAP:%=--map %) \
		$(REFERENCES:%=$(RUN)/refs/%.log.h5ad) -o $@)

$(RUN)/models/trained.h5: $(RUN)/train.h5ad $(P)/train $(S)/harmonise $(LABEL_MAP)
	$(call run,train,lr-train -l unified_cell_type $(call params,train) $(LABEL_MAP:%=--map %) \
		$< -o $@)

# ---- models ----------------------------------------------------------------------------------
# The genes of a model from elsewhere get the names that the queries' get.
define model_rules
ifneq ($$(MODEL.$(1).path),)
$(RUN)/models/$(1).h5: $(S)/model.$(1)
	$$(call run,model.$(1),$(WORKFLOWS)/import-model $$(MODEL.$(1).path) -o $$@)
else
$(RUN)/models/$(1).h5: $(S)/model.$(1)
	$$(call run,model.$(1),$(WORKFLOWS)/fetch-named model $(1) $$(REGISTRY) -o $$@)
endif
endef
$(foreach m,$(filter-out trained,$(MODELS)),$(eval $(call model_rules,$(m))))

# ---- queries ---------------------------------------------------------------------------------
# A model that knows too few of the query's genes is skipped and said so: an empty calls file.
define predict_rule
$(RUN)/calls/$(1).$(2).tsv: $(RUN)/queries/$(1).genes.h5ad $(RUN)/models/$(2).h5 $(P)/predict
	$$(call run,predict.$(1).$(2),$(WORKFLOWS)/predict-or-skip -m $(RUN)/models/$(2).h5 \
		$$(call params,predict) $$< -o $$@)
endef

define query_rules
QUERY.$(1).h5ad := $$(call h5ad_of,$$(QUERY.$(1).path),$(RUN)/queries/$(1).h5ad)
QUERY.$(1).needs := $$(call needs_of,$$(QUERY.$(1).path),$(RUN)/queries/$(1).h5ad,$(S)/query.$(1))
$(RUN)/queries/$(1).h5ad: $(S)/query.$(1)
	$$(call run,import.$(1),$$(call importer,$$(QUERY.$(1).path)) $$(QUERY.$(1).path) -o $$@)
$(RUN)/queries/$(1).genes.h5ad: $$(QUERY.$(1).needs)
	$$(call run,genes.$(1),gene-normalize --report $(RUN)/queries/$(1).genes.tsv \
		$$(QUERY.$(1).h5ad) -o $$@)
$(RUN)/ensemble/$(1).tsv: $(MODELS:%=$(RUN)/calls/$(1).%.tsv) $(P)/ensemble $(S)/ensemble \
		$(S)/ontology
	$$(call run,ensemble.$(1),$(WORKFLOWS)/ensemble-or-stop $$(call params,ensemble) \
		$(MODELS:%=$(RUN)/calls/$(1).%.tsv) -o $$@)
$(RUN)/graph/$(1).h5ad: $(RUN)/queries/$(1).genes.h5ad
	$$(call run,graph.$(1),$(WORKFLOWS)/graph-or-few $$< -o $$@)
ifeq ($$(CLUSTERS),)
$(RUN)/clusters/$(1).tsv: $(RUN)/graph/$(1).h5ad $(P)/overcluster $(S)/clusters
	$$(call run,clusters.$(1),overcluster $$(call params,overcluster) $$< -o $$@)
else
$(RUN)/clusters/$(1).tsv: $$(QUERY.$(1).needs) $(S)/clusters
	$$(call run,clusters.$(1),$(WORKFLOWS)/clusters-from $$(CLUSTERS) $$(QUERY.$(1).h5ad) -o $$@)
endif
$(RUN)/voted/$(1).tsv: $(RUN)/ensemble/$(1).tsv $(RUN)/clusters/$(1).tsv $(P)/vote
	$$(call run,vote.$(1),vote -c $(RUN)/clusters/$(1).tsv $$(call params,vote) $$< -o $$@)
$(RUN)/gated/$(1).tsv: $(RUN)/$(if $(VOTE),voted,ensemble)/$(1).tsv $(P)/gate
	$$(call run,gate.$(1),gate $$(call params,gate) $$< -o $$@)
$(RUN)/map/$(1).tsv: $(RUN)/gated/$(1).tsv $(P)/ontology $(S)/ontology
	$$(call run,map.$(1),cl-map $$(call params,ontology) $$< -o $$@)
$(RUN)/typed/$(1).tsv: $(RUN)/gated/$(1).tsv $(if $(ONTOLOGY),$(RUN)/map/$(1).tsv) $(S)/table
	$$(call run,table.$(1),$(WORKFLOWS)/join-ids $$(filter %.tsv,$$^) -o $$@)
$(RUN)/typed/$(1).h5ad: $(RUN)/typed/$(1).tsv $$(QUERY.$(1).needs) $(S)/table
	$$(call run,h5ad.$(1),h5-obs put -f $$< --drop --map $$(COLUMNS) $$(QUERY.$(1).h5ad) -o $$@)
endef

$(foreach q,$(QUERIES),$(eval $(call query_rules,$(q))))
$(foreach q,$(QUERIES),$(foreach m,$(MODELS),$(eval $(call predict_rule,$(q),$(m)))))

# ---- truth -----------------------------------------------------------------------------------
# Held-back labels of the queries: how right the calls are, near misses by the ontology told apart.
# The calls' own labels are mapped with them: the gate may have taken all cells of one.
define truth_rules
$(RUN)/truth/$(1).tsv: $$(QUERY.$(1).needs) $(S)/truth
	$$(call run,truth.$(1),h5-obs get -c $$(TRUTH) $$(QUERY.$(1).h5ad) -o $$@)
$(RUN)/map/$(1).truth.tsv: $(RUN)/truth/$(1).tsv $(RUN)/ensemble/$(1).tsv $(P)/ontology $(S)/ontology
	$$(call run,map.$(1).truth,cl-map -c label $$(call params,ontology) \
		<($(WORKFLOWS)/unite-labels $(RUN)/truth/$(1).tsv $(RUN)/ensemble/$(1).tsv) -o $$@)
$(RUN)/eval/$(1).json: $(RUN)/typed/$(1).tsv $(RUN)/truth/$(1).tsv $(RUN)/map/$(1).truth.tsv
	$$(call run,eval.$(1),evaluate --truth $(RUN)/truth/$(1).tsv --json $$@ --label label_original \
		--map $(RUN)/map/$(1).truth.tsv $$< -o $(RUN)/eval/$(1).tsv)
endef
$(if $(TRUTH),$(foreach q,$(QUERIES),$(eval $(call truth_rules,$(q)))))
EVALS := $(if $(TRUTH),$(QUERIES:%=$(RUN)/eval/%.json))

# ---- what is asked for -----------------------------------------------------------------------
TYPED := $(QUERIES:%=$(RUN)/typed/%.tsv)
H5ADS := $(if $(MAKE_H5AD),$(QUERIES:%=$(RUN)/typed/%.h5ad))
REPORT := $(if $(MAKE_REPORT),$(RUN)/report.html)

# The page shows what the manifests say, so it comes last.
$(RUN)/report.html: $(TYPED) $(EVALS) $(P)/report $(S)/report $(S)/steps | $(H5ADS)
	$(call run,report,report --run $(RUN) --title $(NAME) $(call params,report) $(foreach q,$(QUERIES),--h5ad $(QUERY.$(q).h5ad)) \
		$(EVALS:%=--eval %) $(if $(REFERENCES),--model $(RUN)/models/trained.h5) \
		$(if $(MAKE_MULTIQC),--multiqc $(RUN)/multiqc) $(TYPED) -o $@)

$(RUN)/run.json: $(TYPED) $(H5ADS) $(EVALS) $(REPORT) $(S)/steps
	@$(WORKFLOWS)/collect $(RUN) $(NAME) $(CONFIG) >$@

.DEFAULT_GOAL := type
.PHONY: type status why verify summary
type: $(RUN)/run.json

# Which steps are fresh, stale, missing.
STEPS := $(REFERENCES:%=$(RUN)/refs/%.sub.h5ad) \
	$(REFERENCES:%=$(RUN)/refs/%.genes.h5ad) $(REFERENCES:%=$(RUN)/refs/%.log.h5ad) \
	$(if $(REFERENCES),$(RUN)/train.h5ad) $(MODELS:%=$(RUN)/models/%.h5) \
	$(foreach q,$(QUERIES),$(RUN)/queries/$(q).genes.h5ad $(MODELS:%=$(RUN)/calls/$(q).%.tsv) \
		$(RUN)/ensemble/$(q).tsv $(if $(VOTE),$(if $(CLUSTERS),,$(RUN)/graph/$(q).h5ad) \
		$(RUN)/clusters/$(q).tsv $(RUN)/voted/$(q).tsv) $(RUN)/gated/$(q).tsv \
		$(if $(ONTOLOGY),$(RUN)/map/$(q).tsv)) $(TYPED) $(H5ADS) $(EVALS) $(REPORT)
status:
	@for step in $(STEPS); do \
		if [ ! -e $$step ]; then state=missing; \
		elif $(MAKE) -q -f $(WORKFLOWS)/typing.mk CONFIG=$(CONFIG) RUNS=$(RUNS) BIN=$(BIN) $$step 2>/dev/null >&2; \
		then state=fresh; else state=stale; fi; \
		printf '%-8s %s\n' $$state $$step; done

# Why would TARGET be made?
why:
	@[ -n '$(TARGET)' ] || { echo 'why: TARGET=FILE is missing: which file? (status lists them)' >&2; exit 2; }
	@plan=$$($(MAKE) -n --debug=b -f $(WORKFLOWS)/typing.mk CONFIG=$(CONFIG) RUNS=$(RUNS) BIN=$(BIN) $(TARGET) 2>/dev/null) || \
		{ echo 'why: $(TARGET): no step makes this (status lists what they make)' >&2; exit 2; }; \
		sed -nE "s/^ *(Prerequisite '.*' is newer than target '.*'|File '.*' does not exist).*/\1/p" <<<"$$plan" | sort -u | \
		grep -v "'.*PHONY\|'type'" || echo '$(TARGET) is fresh'

# Is every output still what its step wrote?
verify:
	@$(WORKFLOWS)/verify $(RUN)

summary:
	@$(WORKFLOWS)/summary $(RUN) $(QUERIES)
