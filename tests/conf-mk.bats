load helper

files() { : >a.h5ad; : >b.h5ad; : >q1.h5ad; : >q2.h5ad; : >own.pkl; }
config() { cat >c.yaml; }
# steps_of RUN: the names of its steps. command RUN STEP: what the step does, without sources' stamps.
steps_of() { tr ' ' '\n' <"runs/$1/stamps/steps"; }
models() { steps_of c | sed -n 's/^predict.q1.//p' | paste -sd ' '; }
references() { steps_of c | sed -n 's/^subsample.//p' | paste -sd ' '; }
command() { sed 's/ | .*//' "runs/$1/stamps/$2"; }

@test "the shortest config: references and queries" {
	files
	needs knn-graph overcluster
	printf 'references:\n  - a.h5ad\nqueries: q1.h5ad\n' >c.yaml
	conf-mk c.yaml
	[ "$(steps_of c | paste -sd ' ')" = 'subsample.a genes-reference.a lognorm.a map-references concat train genes.q1 predict.q1.trained ensemble.q1 graph.q1 clusters.q1 vote.q1 gate.q1 map.q1 h5ad.q1 report' ]
	[ "$(command c subsample.a)" = 'h5-subsample -l auto --cells=100000 --mode=equal a.h5ad -o /refs/a.sub.h5ad' ]
	grep -q ' | a.h5ad 0 ' runs/c/stamps/subsample.a
	grep -qx 'QUERIES := q1' runs/c/run.mk
	grep -qx 'runs/c/gated/q1.tsv: runs/c/voted/q1.tsv runs/c/stamps/gate.q1' runs/c/run.mk
	[ "$(conf-mk --check c.yaml)" = c ]
}

@test "a reference may leave out labels, and keep only some cells" {
	files
	config <<-'E'
	references:
	  - {path: a.h5ad, label: ct, exclude: [Doublet, T cell], where: tissue=blood}
	queries: q1.h5ad
	train: {allow_loss: yes, keep_label: ND}
	gate: {depth: no}
	E
	conf-mk c.yaml
	[ "$(command c subsample.a)" = "h5-subsample -l ct --cells=100000 --where='tissue=blood' --exclude=Doublet,'T cell' --mode=equal a.h5ad -o /refs/a.sub.h5ad" ]
	command c train | grep -q -- '--allow-loss --keep-label ND'
	command c gate.q1 | grep -q -- '--depth no'
}

@test "everything there is to say ends up where it belongs" {
	files
	config <<-'E'
	name: colon
	references:
	  - {path: a.h5ad, label: ct, cells: 0, name: first}
	  - {id: some_atlas, label: cell_type, cells: 5000}
	queries: [q1.h5ad, {path: q2.h5ad, name: second}]
	models: [own.pkl, Immune_All_Low.pkl]
	train: {feature_selection: yes, top_genes: 200, C: 0.5, no_mean: no}
	vote: {clusters: leiden, min_prop: 0.1}
	gate: {min_confidence: 0.5}
	ontology: no
	batch: donor
	outputs: {report: yes, multiqc: yes, png: yes}
	E
	conf-mk c.yaml
	[ "$(command colon subsample.first)" = 'h5-subsample -l ct --cells=0 --mode=equal a.h5ad -o /refs/first.sub.h5ad' ]
	command colon fetch.some_atlas | grep -q '^fetch-named reference some_atlas -o /refs/some_atlas.fetched.h5ad$'
	command colon subsample.some_atlas | grep -q -- '--cells=5000 --mode=equal /refs/some_atlas.fetched.h5ad'
	[ "$(command colon concat)" = 'concat --unify unified_cell_type=ct,cell_type --label reference_source,batch --source none --keys first,some_atlas --map=/map/references.tsv --ids=cell_type_id /refs/first.log.h5ad /refs/some_atlas.log.h5ad -o /train.h5ad' ]
	command colon train | grep -q -- '-l unified_cell_type --ids=cell_type_id --C 0.5 --feature-selection --top-genes 200 /train.h5ad'
	command colon model.own | grep -q ' own.pkl -o /models/own.h5$'
	[ "$(command colon model.Immune_All_Low)" = 'fetch-named model Immune_All_Low --report=/models/Immune_All_Low.genes.tsv -o /models/Immune_All_Low.h5' ]
	[ "$(command colon ensemble.second)" = 'ensemble /calls/second.trained.tsv /calls/second.own.tsv /calls/second.Immune_All_Low.tsv -o /ensemble/second.tsv' ]
	command colon clusters.q1 | grep -q 'leiden --as cluster q1.h5ad'
	[ "$(command colon vote.q1)" = 'vote -c /clusters/q1.tsv --min-prop 0.1 /ensemble/q1.tsv -o /voted/q1.tsv' ]
	[ "$(command colon gate.q1)" = 'gate --min-confidence 0.5 --climb --column=majority_voting /voted/q1.tsv -o /typed/q1.tsv' ]
	[ "$(steps_of colon | grep -cE '^(map[.]|graph|eval|fetch.first|model.trained)')" -eq 0 ]
	command colon report | grep -q -- '--batch=donor --h5ad=q1.h5ad --h5ad=q2.h5ad --model=/models/trained.h5 --multiqc=/multiqc --png=/pictures /typed/q1.tsv /typed/second.tsv'
}

@test "an ensemble by the ontology is told what the models' labels are" {
	files
	touch overrides.tsv
	config <<-'E'
	name: colon
	queries: q1.h5ad
	models: own.pkl
	ensemble: {rule: ontology, quorum: 0.6}
	ontology: {tissue: lung, overrides: overrides.tsv}
	E
	conf-mk c.yaml
	[ "$(command colon ensemble.q1)" = 'ensemble --rule ontology --quorum 0.6 --map=/map/q1.models.tsv /calls/q1.own.tsv -o /ensemble/q1.tsv' ]
	[ "$(command colon map-models.q1)" = 'cl-map -c label --tissue lung --overrides overrides.tsv /calls/q1.own.tsv -o /map/q1.models.tsv' ]
	grep -q ' | overrides.tsv 0 ' runs/colon/stamps/map-models.q1
	grep -q ' | overrides.tsv 0 ' runs/colon/stamps/map.q1
	sed -i 's/ontology, q/mean, q/' c.yaml
	conf-mk c.yaml
	[ "$(command colon ensemble.q1)" = 'ensemble --rule mean --quorum 0.6 /calls/q1.own.tsv -o /ensemble/q1.tsv' ]
	! steps_of colon | grep -q map-models
}

@test "only files whose content changes are touched" {
	files
	printf 'references: [a.h5ad]\nqueries: q1.h5ad\ngate: {min_confidence: 0.3}\n' >c.yaml
	conf-mk c.yaml
	find runs -type f -exec touch -d 2001-01-01 {} +
	sed -i s/0.3/0.4/ c.yaml
	conf-mk c.yaml
	[ "$(find runs -newermt 2002-01-01 -type f | sort | paste -sd ' ')" = 'runs/c/run.mk runs/c/stamps/gate.q1' ]
}

@test "a pattern stands for all the files it matches, in order" {
	files
	printf 'references: [a.h5ad]\nqueries: q*.h5ad\n' >c.yaml
	conf-mk c.yaml
	grep -qx 'QUERIES := q1 q2' runs/c/run.mk
	sed -i 's/q\*/x*/' c.yaml
	fails 1 'c.yaml:2:10: x\*.h5ad: no file is named so' conf-mk c.yaml
}

@test "files that are named alike in folders of samples are called by the folder the pattern tells apart" {
	files
	for s in s1 s2.h5; do
		mkdir -p "runs/$s/outs/matrix"
		: >"runs/$s/outs/filtered.h5"
	done
	name_of() {
		printf 'references: [a.h5ad]\nqueries: %s\n' "$1" >c.yaml
		conf-mk c.yaml -o out
		sed -n 's/^QUERIES := //p' out/run.mk
	}
	[ "$(name_of 'runs/*/outs/filtered.h5')" = 's1 s2' ]
	[ "$(name_of './runs/*/outs/matrix')" = 's1 s2' ]
	[ "$(name_of "$PWD/runs/s*/outs/filtered.h5")" = 's1 s2' ]
	[ "$(name_of 'runs/s1/*/filtered.h5')" = outs ]
	[ "$(name_of '"*/s1/outs/filtered.h5"')" = runs ]
	[ "$(name_of 'runs/s1/outs/filt*.h5')" = filtered ]
	printf 'references: [a.h5ad]\nqueries: runs/*/outs/f*.h5\n' >c.yaml
	fails 1 'two queries are named filtered' conf-mk c.yaml
}

@test "paths are taken from the folder of the config" {
	mkdir sub
	: >sub/a.h5ad
	printf 'references: [a.h5ad]\nqueries: a.h5ad\n' >sub/c.yaml
	conf-mk sub/c.yaml
	grep -q 'h5-subsample .* sub/a.h5ad -o' runs/c/run.mk
}

@test "a tissue brings its models" {
	files
	printf 'queries: q1.h5ad\ntissue: lung\n' >c.yaml
	conf-mk c.yaml
	[ "$(models)" = 'Immune_All_Low Pan_Fetal_Human Human_Lung_Atlas' ]
	sed -i s/lung/Lung-AIRWAY/ c.yaml
	conf-mk c.yaml
	[ "$(models)" = 'Immune_All_Low Pan_Fetal_Human Cells_Lung_Airway' ]
	command c map.q1 | grep -q -- 'cl-map --tissue=Lung-AIRWAY --append'
	echo 'ontology: {tissue: kidney}' >>c.yaml
	conf-mk c.yaml
	command c map.q1 | grep -q -- 'cl-map --tissue kidney --append'
}

@test "a tissue that no preset has takes the models for any, with a warning, or is refused" {
	files
	printf 'queries: q1.h5ad\ntissue: synovium\n' >c.yaml
	run_split conf-mk c.yaml
	[ "$status" -eq 0 ]
	grep -q 'tissue synovium: no models are known for it: those for any tissue are taken (nearest: .*colon' <<<"$errors"
	[ "$(models)" = 'Immune_All_Low Pan_Fetal_Human' ]
	echo 'strict: yes' >>c.yaml
	fails 1 'c.yaml:2:9: synovium: no models are known for this tissue, and strict: is on' conf-mk c.yaml
	printf 'queries: q1.h5ad\ntissue: unknown\nstrict: yes\n' >c.yaml
	conf-mk c.yaml
	printf 'queries: q1.h5ad\ntissue: lungs\n' >c.yaml
	conf-mk c.yaml 2>message
	grep -q 'nearest: lung,' message
}

@test "a reference by id takes the registry's label column and says so; a file's is found later" {
	files
	printf 'references: [{id: human_lung_cell_atlas}, {id: lung_covid, label: mine}, a.h5ad]\nqueries: q1.h5ad\n' >c.yaml
	run_split conf-mk c.yaml
	grep -q 'human_lung_cell_atlas: labels are in ann_finest_level, says the registry' <<<"$errors"
	command c subsample.human_lung_cell_atlas | grep -q -- '-l ann_finest_level --cells=100000 '
	command c subsample.lung_covid | grep -q -- '-l mine --cells=100000 '
	command c concat | grep -q 'unified_cell_type=ann_finest_level,mine,auto '
}

@test "labels of several references are harmonised, and those of one are not, unless told otherwise" {
	files
	printf 'references: a.h5ad\nqueries: q1.h5ad\n' >c.yaml
	conf-mk c.yaml
	[[ $(command c concat) != *--map=* ]]
	command c train | grep -q -- "-l unified_cell_type --map=/map/references.tsv /train.h5ad"
	echo 'gate: {climb: no}' >>c.yaml
	conf-mk c.yaml
	run grep map-references <(steps_of c)
	[ "$status" -eq 1 ]
	printf 'references: [a.h5ad, b.h5ad]\nqueries: q1.h5ad\n' >c.yaml
	conf-mk c.yaml
	steps_of c | grep -q map-references
	command c concat | grep -q -- '--map=/map/references.tsv'
	[[ $(command c train) != *--map=* ]]
	echo 'harmonise: no' >>c.yaml
	conf-mk c.yaml
	[[ $(command c concat) != *--map=* ]]
	echo 'subsample: {mode: proportional}' >>c.yaml
	conf-mk c.yaml
	[ "$(command c subsample.a)" = 'h5-subsample -l auto --cells=100000 --mode proportional a.h5ad -o /refs/a.sub.h5ad' ]
}

@test "gate: {far: clusters} has clusters made, and labels not voted on" {
	files
	printf 'references: a.h5ad\nqueries: q1.h5ad\ngate: {far: clusters}\n' >c.yaml
	conf-mk c.yaml
	steps_of c | grep -q graph.q1
	[ "$(command c vote.q1)" = 'vote --novelty -c /clusters/q1.tsv /ensemble/q1.tsv -o /voted/q1.tsv' ]
	[ "$(command c gate.q1)" = 'gate --far clusters --climb /voted/q1.tsv -o /gated/q1.tsv' ]
	echo 'vote: yes' >>c.yaml
	conf-mk c.yaml
	[ "$(command c gate.q1)" = 'gate --far clusters --climb --column=majority_voting /voted/q1.tsv -o /gated/q1.tsv' ]
	printf 'references: a.h5ad\nqueries: q1.h5ad\ngate: {far: clusters}\nvote: {use: no, clusters: leiden}\noutputs: {layout: yes}\n' >c.yaml
	conf-mk c.yaml
	command c clusters.q1 | grep -q -- '-c leiden --as cluster'
	command c vote.q1 | grep -q -- --novelty
}

@test "far: by clusters where there is novelty to pool, and the filters for it; else by cells" {
	needs knn-graph overcluster
	files
	touch own.h5
	far() { # far LINES...: clusters or cells, as the steps have it
		printf '%s\n' 'queries: q1.h5ad' "$@" >c.yaml
		"${CONF_MK:-conf-mk}" c.yaml 2>said
		if steps_of c | grep -qx clusters.q1; then echo clusters; else echo cells; fi
	}
	[ "$(far 'references: a.h5ad')" = clusters ]
	[ "$(command c vote.q1)" = 'vote --novelty -c /clusters/q1.tsv /ensemble/q1.tsv -o /voted/q1.tsv' ]
	[ "$(command c gate.q1)" = 'gate --climb /voted/q1.tsv -o /gated/q1.tsv' ]
	[ "$(far 'models: own.h5')" = clusters ]
	[ "$(far 'models: own.pkl')" = cells ]
	[ "$(far 'models: Immune_All_Low')" = cells ]
	[ "$(far 'references: a.h5ad' 'train: {recipe: celltypist}')" = cells ]
	[ "$(command c gate.q1)" = 'gate --climb /ensemble/q1.tsv -o /gated/q1.tsv' ]
	[ "$(far 'references: a.h5ad' 'gate: {far: cells}')" = cells ]
	[ "$(far 'references: a.h5ad' 'gate: {max_novelty: 0}')" = cells ]
	[ "$(far 'references: a.h5ad' 'gate: no')" = cells ]
	[ "$(far 'models: own.pkl' 'gate: {far: clusters}')" = clusters ]
	# a vote's clusters do: nothing is made twice
	[ "$(far 'references: a.h5ad' 'vote: yes')" = clusters ]
	[ "$(command c vote.q1)" = 'vote -c /clusters/q1.tsv /ensemble/q1.tsv -o /voted/q1.tsv' ]
	[ "$(steps_of c | grep -cE '^(graph|clusters|vote)[.]')" = 3 ]
	[ "$(far 'references: a.h5ad' 'outputs: {layout: yes}')" = clusters ]
	[ "$(steps_of c | grep -cE '^graph[.]')" = 1 ]
	# without igraph there is no overcluster
	mkdir -p part/bin
	cp "$(type -P conf-mk)" "$BIN/knn-graph" part/bin
	export PIPETTE_DATA=$TESTS/..
	CONF_MK=part/bin/conf-mk
	[ "$(far 'references: a.h5ad')" = cells ]
	grep -q 'overcluster is not here: .* by cells, not by clusters' said
	[ "$(far 'references: a.h5ad' 'vote: {use: no, clusters: leiden}')" = clusters ]
	[ "$(far 'references: a.h5ad' 'gate: {far: cells}')" = cells ]
	run grep overcluster said
	[ "$status" -eq 1 ]
}

@test "a reference's own ids go to cl-map beside its labels" {
	files
	printf 'references: [{path: a.h5ad, ids: cell_type_id}, b.h5ad]\nqueries: q1.h5ad\n' >c.yaml
	conf-mk c.yaml
	command c map-references | grep -q -- '-cauto -cauto --id-column=cell_type_id --id-column=none '
	printf 'references: [a.h5ad, b.h5ad]\nqueries: q1.h5ad\n' >c.yaml
	conf-mk c.yaml
	run grep id-column c.json c.mk
	[ "$status" -ne 0 ]
}

@test "presets become references, their union without duplicates" {
	files
	export SCRNASEQ_DATA_DIR=$PWD/studies
	mkdir -p studies/seurat_objects
	printf 'study_id,condition_standardized,tissue_standardized,n_cells\n21,rheumatoid arthritis,synovial membrane,25000\n42,psoriatic arthritis,synovial fluid,6000\n44,psoriasis,skin,90000\n' \
		>studies/metadata_summary.csv
	touch studies/seurat_objects/{21,42,44}.curated.seurat.rds
	printf 'presets: [ra_synovial, arthritis_all]\nqueries: q1.h5ad\n' >c.yaml
	conf-mk c.yaml
	[ "$(references)" = '21 42' ]
	command c import-reference.42 | grep -q "^rds-import $PWD/studies/seurat_objects/42.curated.seurat.rds "
	command c subsample.21 | grep -q -- '-l auto --cells=100000 '
	printf 'presets: ra_synovial\nreferences: a.h5ad\nqueries: q1.h5ad\n' >c.yaml
	conf-mk c.yaml
	[ "$(references)" = 'a 21' ]
	printf 'presets: ra_sinovial\nqueries: q1.h5ad\n' >c.yaml
	fails 1 'c.yaml:1:10: .*ra_synovial' conf-mk c.yaml
	rm studies/seurat_objects/21*
	printf 'presets: ra_synovial\nqueries: q1.h5ad\n' >c.yaml
	fails 1 'study 21: .*no such file' conf-mk c.yaml
	unset SCRNASEQ_DATA_DIR
	fails 1 'SCRNASEQ_DATA_DIR is not set' conf-mk c.yaml
}

@test "discover is the service or a saved list" {
	files
	echo '[]' >list.json
	printf 'references: [{id: tabula_sapiens_blood}]\nqueries: q1.h5ad\ndiscover: list.json\n' >c.yaml
	conf-mk c.yaml
	command c fetch.tabula_sapiens_blood | grep -q -- ' --discover=list.json -o '
	grep -q ' | list.json 3 ' runs/c/stamps/fetch.tabula_sapiens_blood
	sed -i s/list.json/service/ c.yaml
	conf-mk c.yaml
	command c fetch.tabula_sapiens_blood | grep -q -- ' --discover=service -o '
	sed -i s/service/nowhere.json/ c.yaml
	fails 1 'c.yaml:3:11: nowhere.json: there is no such file' conf-mk c.yaml
}

# wrong PATTERN TEXT: the config TEXT is refused with a message of PATTERN
wrong() {
	printf '%b' "$2" >c.yaml
	fails 1 "$1" conf-mk c.yaml && [ ! -e runs ]
}

@test "errors name the place, and the nearest key" {
	files
	local base='references: [a.h5ad]\nqueries: q1.h5ad\n'
	wrong 'c.yaml:3:1: there is no key gates \(did you mean gate\?\)' "${base}gates: {}\n"
	wrong 'c.yaml:3:8: there is no key min_confidance \(did you mean min_confidence\?\)' "${base}gate: {min_confidance: 1}\n"
	wrong 'c.yaml:3:24: 30: a number from 0 to 1 was expected' "${base}gate: {min_confidence: 30}\n"
	wrong 'c.yaml:3:18: -0.1: a number from 0 to 1' "${base}vote: {min_prop: -0.1}\n"
	wrong 'c.yaml:3:12: 0: a number above 0 was expected' "${base}train: {C: 0}\n"
	wrong 'c.yaml:3:27: not a number: fine' "${base}overcluster: {resolution: fine}\n"
	wrong 'c.yaml:1:11: a value that begins with \* must stand in quotes' 'queries: *.h5ad\n'
	wrong 'c.yaml:2:1: a tab: indent with blanks' 'queries:\n\t- a.h5ad\n'
	wrong 'c.yaml:3:24: not a number: high' "${base}gate: {min_confidence: high}\n"
	wrong 'c.yaml:3:17: newton is not one of: lbfgs sgd' "${base}train: {solver: newton}\n"
	wrong 'c.yaml:3:20: not a whole number from 0 up: -3' "${base}train: {top_genes: -3}\n"
	wrong 'c.yaml:1:14: nowhere.h5ad: there is no such file' 'references: [nowhere.h5ad]\nqueries: q1.h5ad\n'
	wrong 'c.yaml:1:1: queries: is missing' 'references: [a.h5ad]\n'
	wrong 'nothing to type with' 'queries: q1.h5ad\n'
	wrong 'c.yaml:2:10: mapping: there are no references to make an atlas of' 'queries: q1.h5ad\nmapping: yes\n'
	wrong 'two references are named a' 'references: [a.h5ad, {path: b.h5ad, name: a}]\nqueries: q1.h5ad\n'
	wrong 'c.yaml:1:15: a reference has a path or an id' 'references: [ {label: x}]\nqueries: q1.h5ad\n'
	wrong 'c.yaml:2:10: "my query.h5ad": Make and the shell' "references: [a.h5ad]\nqueries: 'my query.h5ad'\n"
	wrong 'c.yaml:2:1: the key queries is here twice|c.yaml:3:1: the key queries is here twice' "${base}queries: q2.h5ad\n"
	wrong 'c.yaml:3:' "${base}\tgate: 1\n"
	wrong 'c.yaml:3:8: keys and values were expected here' "${base}train: 5\n"
	wrong 'c.yaml:3:11: neither yes nor no: perhaps' "${base}ontology: perhaps\n"
	wrong 'c.yaml:3:10: keys and values|c.yaml:3:10:' "${base}outputs: page\n"
	wrong 'c.yaml:3:21: weights.tsv: there is no such file to read' "${base}ensemble: {weights: weights.tsv}\n"
	wrong 'c.yaml:3:8: panel.txt: there is no such file to read' "${base}panel: panel.txt\n"
	wrong 'c.yaml:3:9: models/own.pkl: there is no such file to read' "${base}models: models/own.pkl\n"
	wrong 'c.yaml:2:10: queries: is empty' 'references: [a.h5ad]\nqueries: []\n'
}

@test "names that the shell, Make or a folder would trip over are refused with the reason" {
	files
	local base='references: [a.h5ad]\nqueries: q1.h5ad\n'
	local name
	for name in 'two words' "it's" 'a\"b' '$HOME' 'a;b' 'x|y' '50%%' 'a:b' '-n' 'a\tb' '~me' '#x' 'a=b'; do
		wrong 'c.yaml:3:7: .*: Make and the shell take such names apart' "${base}name: \"$name\"\n"
	done
	wrong 'c.yaml:3:7: "a/b": a name that files are called by: no / or comma' "${base}name: a/b\n"
	wrong 'c.yaml:3:7: "..": a name that files are called by' "${base}name: ..\n"
	wrong 'c.yaml:1:14: "it.s.h5ad": Make and the shell' "references: [\"it's.h5ad\"]\nqueries: q1.h5ad\n"
	wrong '"a,b": a label is one column' 'references: [{path: a.h5ad, label: "a,b"}]\nqueries: q1.h5ad\n'
	wrong '"a,b": a name that files are called by' 'references: [{path: a.h5ad, name: "a,b"}]\nqueries: q1.h5ad\n'
	: >'two words.h5ad'
	wrong 'c.yaml:2:10: "two words.h5ad": Make and the shell' 'references: [a.h5ad]\nqueries: "*words*"\n'
	mkdir 'My Data'
	printf "$base" >'My Data/c.yaml'
	fails 1 '"My Data": Make and the shell take such names apart' conf-mk 'My Data/c.yaml'
	printf "$base" >'my run.yaml'
	fails 1 '"my run": Make and the shell take such names apart' conf-mk 'my run.yaml'
}

@test "columns and labels may hold blanks: they are quoted once, wherever they go" {
	files
	cat >c.yaml <<-'END'
		references: [{path: a.h5ad, label: cell type}]
		queries: q1.h5ad
		truth: Cell type (broad)
		batch: donor id
		vote: {clusters: 50% clusters}
		gate: {label: not sure}
		subsample: {by: donor id}
	END
	conf-mk c.yaml
	command c subsample.a | grep -q -- "-l 'cell type' --cells=100000 --mode=equal --by 'donor id' a.h5ad"
	command c concat | grep -q -- "--unify unified_cell_type='cell type' "
	command c truth.q1 | grep -q -- "-c 'Cell type (broad)' q1.h5ad"
	command c clusters.q1 | grep -q "'50% clusters' --as cluster q1.h5ad"
	command c gate.q1 | grep -q -- "--label 'not sure' --climb --column=majority_voting"
	command c report | grep -q -- "--batch='donor id' "
	local bad
	for bad in "it's" 'a\"b' '$HOME' '#1' '`x`' '' 'a\tb'; do
		rm -rf runs
		wrong 'c.yaml:3:8: .*: quotes, `, \$, # and \\ cannot be in columns and labels|one value' \
			"references: [a.h5ad]\nqueries: q1.h5ad\ntruth: \"$bad\"\n"
	done
}

@test "two configs that share one run: said, not silently mixed" {
	files
	printf 'references: [a.h5ad]\nqueries: q1.h5ad\n' >c.yaml
	mkdir other
	printf 'references: [../a.h5ad]\nqueries: ../q1.h5ad\n' >other/c.yaml
	conf-mk c.yaml
	run conf-mk "$PWD/c.yaml"
	[ -z "$output" ]
	run conf-mk other/c.yaml
	[ "$status" = 0 ]
	[[ $output = *'runs/c: was made from '*'/c.yaml: steps that differ are made again for other/c.yaml'* ]]
}

@test "names whose files would be one file are refused" {
	files
	: >a.sub.csv
	: >q1.genes.csv
	: >q1.x.h5ad
	: >q1.truth.h5ad
	wrong 'subsample.a and import-reference.a.sub would both write refs/a.sub.h5ad|import-reference.a.sub and subsample.a would both write refs/a.sub.h5ad' 'references: [a.h5ad, a.sub.csv]\nqueries: q1.h5ad\n'
	wrong 'import.q1.genes and genes.q1 would both write queries/q1.genes.h5ad: give a .* another name' 'references: [a.h5ad]\nqueries: [q1.h5ad, q1.genes.csv]\n'
	wrong 'map-references and map.references would both write map/references.tsv' 'harmonise: yes\nreferences: [a.h5ad]\nqueries: {path: q1.h5ad, name: references}\n'
	wrong 'map.q1.truth and map-truth.q1 would both write map/q1.truth.tsv' 'truth: x\nreferences: [a.h5ad]\nqueries: [q1.h5ad, q1.truth.h5ad]\n'
	wrong 'two queries are named q1' 'references: [a.h5ad]\nqueries: [q1.h5ad, {path: q2.h5ad, name: q1}]\n'
	wrong 'two models are named trained' 'references: [a.h5ad]\nqueries: q1.h5ad\nmodels: trained\n'
	wrong 'two steps would be called predict.q1.x.y' 'queries: [q1.h5ad, q1.x.h5ad]\nmodels: [y, x.y]\n'
	printf 'references: [a.h5ad]\nqueries: [q1.h5ad, q1.x.h5ad]\n' >c.yaml
	conf-mk c.yaml
}

@test "a folder of another version is refused, and nothing in it is touched" {
	files
	printf 'references: [a.h5ad]\nqueries: q1.h5ad\n' >c.yaml
	conf-mk c.yaml
	[ "$(<runs/c/version)" = "$(conf-mk --version | sed 's/.* //')" ]
	echo 9.9.9 >runs/c/version
	find runs -type f -exec touch -d 2001-01-01 {} +
	fails 3 'runs/c: a run of Pipette 9.9.9, and this is' conf-mk c.yaml
	fails 3 'runs/c: a run of Pipette 9.9.9, and this is' conf-mk --json c.yaml -o runs/c
	[ -z "$(find runs -newermt 2002-01-01 -type f)" ]
	conf-mk --adopt c.yaml
	conf-mk c.yaml
	conf-mk --json c.yaml -o other/c >plan.json
	[ "$(find other -type f | sort | paste -sd ' ')" = 'other/c/stamps/steps other/c/version' ]
}

@test "an unwritable folder is an error" {
	files
	printf 'references: [a.h5ad]\nqueries: q1.h5ad\n' >c.yaml
	: >runs
	fails 1 'runs' conf-mk c.yaml
	rm runs
}

@test "the plan as JSON says what the files say, and no file is written" {
	files
	config <<-'E'
	name: colon
	references:
	  - {path: a.h5ad, label: ct, cells: 0, name: first}
	  - {id: some_atlas, cells: 5000}
	queries: [q1.h5ad, {path: q2.h5ad, name: second}]
	models: [own.pkl, Immune_All_Low.pkl]
	train: {C: 0.5}
	vote: {clusters: leiden}
	ontology: no
	E
	conf-mk --json c.yaml >plan.json
	[ ! -e runs ]
	conf-mk c.yaml
	python - <<-'E'
	import json, os, re
	plan = json.load(open("plan.json"))
	assert plan["name"] == "colon" and plan["run"] == "runs/colon"
	assert plan["names"] + "\n" == open("runs/colon/stamps/steps").read()
	steps = {step["name"]: step for step in plan["steps"]}
	predict = steps["predict.second.own"]
	assert predict["step"] == "predict" and predict["of"] == {"query": "second", "model": "own"}
	assert predict["inputs"] == ["runs/colon/queries/second.genes.h5ad", "runs/colon/models/own.h5"]
	assert predict["outputs"] == ["runs/colon/calls/second.own.tsv"]
	assert predict["patterns"] == ["runs/colon/calls/{query}.{model}.tsv"]
	assert " {threads} -m runs/colon/models/own.h5 " in predict["command"]
	assert steps["subsample.first"]["sources"] == ["a.h5ad"] and steps["report"]["reads_manifests"]
	made = set()
	rules = open("runs/colon/run.mk").read()
	for name, step in steps.items():
	    assert step["stamp"] + "\n" == open("runs/colon/stamps/" + name).read(), name
	    assert made.issuperset(step["inputs"]), name
	    made.update(step["outputs"])
	    assert re.sub(r"(^| ){threads}", "", step["command"]) in rules, name
	assert set(os.listdir("runs/colon/stamps")) == {*steps, "steps"}
	E
}

@test "shards are steps as others are, and the whole speaks for its parts" {
	files
	printf 'references: [a.h5ad]\nqueries: q1.h5ad\n' >c.yaml
	conf-mk --shards 3 c.yaml
	grep -qx 'runs/c/shards/q1.2.h5ad: runs/c/queries/q1.genes.h5ad runs/c/stamps/shard.q1.2' runs/c/run.mk
	[ "$(steps_of c | grep -c '^predict')" -eq 1 ]
	command c predict.q1.trained | grep -q 'q1.trained.1.tsv .*q1.trained.2.tsv .*q1.trained.3.tsv'
}

@test "a list of steps that is wrong is refused with its line" {
	files
	printf 'references: [a.h5ad]\nqueries: q1.h5ad\n' >c.yaml
	local good='genes\tquery\t-\t{query.h5ad}\tgenes/{query}.h5ad\t-\t1\tjob\tgene-normalize {1} -o {out}'
	row() { printf "# a list\n$good\n$1\n" >steps.tsv; }
	row 'two\tquery\t-\tgenes/{query}.h5ad\ttwo/{query}.tsv\tgate\t1\tlocal\tgate {options} {1} -o {out}'
	conf-mk --steps steps.tsv c.yaml
	[ "$(steps_of c)" = 'genes.q1
two.q1' ]
	refused() { row "$2"; fails 1 "steps.tsv:3: $1" conf-mk --steps steps.tsv c.yaml; }
	refused 'a step has 9 columns' 'two\tquery\t-'
	refused '"sample": a step is of run, or of reference' 'two\tsample\t-\t-\tx\t-\t1\tjob\tx'
	refused '"many": how many threads' 'two\tquery\t-\t-\tx\t-\tmany\tjob\tx'
	refused '"here": a step is job, local or part' 'two\tquery\t-\t-\tx\t-\t1\there\tx'
	refused 'there is no \{query.colour\}' 'two\tquery\t-\t{query.colour}\tx\t-\t1\tjob\tx'
	refused 'there is no \{voting\}' 'two\tquery\tvoting\t-\tx\t-\t1\tjob\tx'
	refused 'votes: there is no such section' 'two\tquery\t-\t-\tx\tvotes\t1\tjob\tx'
	refused '\{3\}: there are 1 inputs' 'two\tquery\t-\tgenes/{query}.h5ad\tx\t-\t1\tjob\tx {3}'
	refused '\{out2\}: there is no such output' 'two\tquery\t-\t-\tx\t-\t1\tjob\tx {out2}'
	refused 'two.q1 reads gated/q1.tsv, which no step above makes' 'two\tquery\t-\tgated/{query}.tsv\tx\t-\t1\tjob\tx {1}'
	row 'two\tquery\t-\t-\tgenes/{query}.h5ad\t-\t1\tjob\tx'
	fails 1 'genes.q1 and two.q1 would both write genes/q1.h5ad' conf-mk --steps steps.tsv c.yaml
}

@test "the keys of the settings are listed with the options they are" {
	conf-mk --keys >keys
	grep -qx 'gate	min_margin	share	--min-margin	' keys
	grep -qx 'train	solver	choice	--solver	lbfgs sgd' keys
	grep -qx 'vote	use	switch		no' keys
}

@test "--check and --json open what there is: a wrong column of labels, truth, batch or clusters is found" {
	cp "$TESTS/../refs/demo/pbmc_train.h5ad" a.h5ad
	cp "$TESTS/../refs/demo/pbmc_query.h5ad" q1.h5ad
	good() { printf 'references: [{path: a.h5ad, label: bulk_labels}]\nqueries: q1.h5ad\ntruth: bulk_labels\nbatch: louvain\n' >c.yaml; }
	good
	[ "$(conf-mk --check c.yaml)" = c ]
	sed -i 's/label: bulk_labels/label: bulk_label/' c.yaml
	fails 1 "c.yaml: label: a.h5ad: no column 'bulk_label'; there are: bulk_labels" conf-mk --check c.yaml
	good
	sed -i 's/truth: bulk_labels/truth: bulk_lables/' c.yaml
	fails 1 "c.yaml: truth: q1.h5ad: no column 'bulk_lables'" conf-mk --check c.yaml
	fails 1 'c.yaml: truth: q1.h5ad: ' conf-mk --json c.yaml
	good
	sed -i 's/batch: louvain/batch: luvain/' c.yaml
	fails 1 "c.yaml: batch: q1.h5ad: no column 'luvain'; there are: .*louvain" conf-mk --check c.yaml
	good
	echo 'vote: {clusters: my clusters}' >>c.yaml
	fails 1 'c.yaml: vote: clusters: q1.h5ad: .*my clusters' conf-mk --check c.yaml
	good
	sed -i 's/{path: a.h5ad, label: bulk_labels}/a.h5ad/' c.yaml
	fails 1 'c.yaml: label: a.h5ad: .*bulk_labels' conf-mk --check c.yaml
	: >q1.h5ad
	good
	[ "$(conf-mk --check c.yaml)" = c ]
}
