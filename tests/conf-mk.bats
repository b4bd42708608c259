load helper

files() { : >a.h5ad; : >b.h5ad; : >q1.h5ad; : >q2.h5ad; : >own.pkl; }
config() { cat >c.yaml; }

@test "the shortest config: references and queries" {
	files
	printf 'references:\n  - a.h5ad\nqueries: q1.h5ad\n' >c.yaml
	conf-mk c.yaml
	grep -qx 'REFERENCES := a' runs/c/run.mk
	grep -qx 'QUERY.q1.path := q1.h5ad' runs/c/run.mk
	grep -qx 'MODELS := trained' runs/c/run.mk
	[ "$(cat runs/c/params/reference.a)" = '-l auto -n 100000' ]
	[ "$(conf-mk --check c.yaml)" = c ]
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
	outputs: {report: no, multiqc: yes}
	E
	conf-mk c.yaml
	grep -qx 'REFERENCES := first some_atlas' runs/colon/run.mk
	grep -qx 'REFERENCE.some_atlas.id := some_atlas' runs/colon/run.mk
	grep -qx 'QUERIES := q1 second' runs/colon/run.mk
	grep -qx 'MODELS := trained own Immune_All_Low' runs/colon/run.mk
	grep -qx 'MODEL.own.path := own.pkl' runs/colon/run.mk
	grep -qx 'MODEL.Immune_All_Low.path := ' runs/colon/run.mk
	grep -qx 'VOTE := yes' runs/colon/run.mk
	grep -qx 'CLUSTERS := leiden' runs/colon/run.mk
	grep -qx 'ONTOLOGY := ' runs/colon/run.mk
	grep -qx 'MAKE_REPORT := ' runs/colon/run.mk
	[ "$(cat runs/colon/params/train)" = '--C 0.5 --feature-selection --top-genes 200' ]
	[ "$(cat runs/colon/params/report)" = '--batch donor' ]
	[ "$(cat runs/colon/params/vote)" = '--min-prop 0.1' ]
	[ "$(cat runs/colon/params/reference.first)" = '-l ct' ]
	[ "$(cat runs/colon/params/concat)" = '--unify unified_cell_type=ct,cell_type --label reference_source --keys first,some_atlas' ]
}

@test "an ensemble by the ontology is told how to map labels" {
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
	[ "$(cat runs/colon/params/ensemble)" = '--rule ontology --quorum 0.6 --cl-map=--tissue --cl-map=lung --cl-map=--overrides --cl-map=overrides.tsv' ]
	grep -q 'overrides.tsv' runs/colon/stamps/ensemble
	[ "$(cat runs/colon/params/ontology)" = '--tissue lung --overrides overrides.tsv' ]
	sed -i 's/ontology, q/mean, q/' c.yaml
	conf-mk c.yaml
	[ "$(cat runs/colon/params/ensemble)" = '--rule mean --quorum 0.6' ]
	! grep -q 'overrides.tsv' runs/colon/stamps/ensemble
}

@test "only files whose content changes are touched" {
	files
	printf 'references: [a.h5ad]\nqueries: q1.h5ad\ngate: {min_confidence: 0.3}\n' >c.yaml
	conf-mk c.yaml
	find runs -type f -exec touch -d 2001-01-01 {} +
	sed -i s/0.3/0.4/ c.yaml
	conf-mk c.yaml
	[ "$(find runs -newermt 2002-01-01 -type f)" = runs/c/params/gate ]
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
	grep -qx 'REFERENCE.a.path := sub/a.h5ad' runs/c/run.mk
}

@test "a tissue brings its models" {
	files
	printf 'queries: q1.h5ad\ntissue: lung\n' >c.yaml
	conf-mk c.yaml
	grep -q '^MODELS := Immune_All_Low Pan_Fetal_Human Human_Lung_Atlas$' runs/c/run.mk
	sed -i s/lung/Lung-AIRWAY/ c.yaml
	conf-mk c.yaml
	grep -q '^MODELS := Immune_All_Low Pan_Fetal_Human Cells_Lung_Airway$' runs/c/run.mk
	[ "$(cat runs/c/params/ontology)" = '--tissue Lung-AIRWAY' ]
}

@test "a tissue that no preset has takes the models for any, with a warning, or is refused" {
	files
	printf 'queries: q1.h5ad\ntissue: synovium\n' >c.yaml
	run_split conf-mk c.yaml
	[ "$status" -eq 0 ]
	grep -q 'tissue synovium: no models are known for it: those for any tissue are taken (nearest: .*colon' <<<"$errors"
	grep -q '^MODELS := Immune_All_Low Pan_Fetal_Human$' runs/c/run.mk
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
	[ "$(cat runs/c/params/reference.human_lung_cell_atlas)" = '-l ann_finest_level -n 100000' ]
	[ "$(cat runs/c/params/reference.lung_covid)" = '-l mine -n 100000' ]
	grep -q 'unified_cell_type=ann_finest_level,mine,auto ' runs/c/params/concat
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
	grep -q '^REFERENCES := 21 42$' runs/c/run.mk
	grep -q "^REFERENCE.42.path := $PWD/studies/seurat_objects/42.curated.seurat.rds$" runs/c/run.mk
	[ "$(cat runs/c/params/reference.21)" = '-l auto -n 100000' ]
	printf 'presets: ra_synovial\nreferences: a.h5ad\nqueries: q1.h5ad\n' >c.yaml
	conf-mk c.yaml
	grep -q '^REFERENCES := a 21$' runs/c/run.mk
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
	grep -q '^DISCOVER := list.json$' runs/c/run.mk
	grep -q 'list.json' runs/c/stamps/reference.tabula_sapiens_blood
	sed -i s/list.json/service/ c.yaml
	conf-mk c.yaml
	grep -q '^DISCOVER := service$' runs/c/run.mk
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
	conf-mk c.yaml -o out
	grep -qx "REFERENCE.a.label := 'cell type'" out/run.mk
	grep -qx "TRUTH := 'Cell type (broad)'" out/run.mk
	grep -qx "CLUSTERS := '50% clusters'" out/run.mk
	[ "$(cat out/params/gate)" = "--label 'not sure' --column majority_voting" ]
	[ "$(cat out/params/reference.a)" = "-l 'cell type' -n 100000" ]
	[ "$(cat out/params/subsample)" = "--by 'donor id'" ]
	[ "$(cat out/params/report)" = "--batch 'donor id'" ]
	local bad
	for bad in "it's" 'a\"b' '$HOME' '#1' '`x`' '' 'a\tb'; do
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
	: >a.sub.h5ad
	: >q1.genes.h5ad
	: >q1.x.h5ad
	wrong 'c.yaml:1:22: a.sub and a: two references whose files would have one name' 'references: [a.h5ad, a.sub.h5ad]\nqueries: q1.h5ad\n'
	wrong 'c.yaml:2:.*q1.genes and q1: two queries whose files' 'references: [a.h5ad]\nqueries: [q1.h5ad, q1.genes.h5ad]\n'
	wrong 'a query cannot be named references' 'references: [a.h5ad]\nqueries: {path: q1.h5ad, name: references}\n'
	wrong 'two queries are named q1' 'references: [a.h5ad]\nqueries: [q1.h5ad, {path: q2.h5ad, name: q1}]\n'
	wrong 'two models are named trained' 'references: [a.h5ad]\nqueries: q1.h5ad\nmodels: trained\n'
	wrong 'q1.x.y: the calls of two queries and models' 'queries: [q1.h5ad, q1.x.h5ad]\nmodels: [y, x.y]\n'
	printf 'references: [a.h5ad]\nqueries: [q1.h5ad, q1.x.h5ad]\n' >c.yaml
	conf-mk c.yaml
}

@test "a folder of another version is refused, and nothing in it is touched" {
	files
	printf 'references: [a.h5ad]\nqueries: q1.h5ad\n' >c.yaml
	conf-mk c.yaml
	[ "$(cat runs/c/version)" = "$(conf-mk --version | sed 's/.* //')" ]
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
	/usr/bin/python3 - <<-'E'
	import json, os
	plan = json.load(open("plan.json"))
	assert plan["name"] == "colon" and plan["clusters"] == "leiden" and plan["panel"] == ""
	assert plan["vote"] and plan["h5ad"] and not plan["ontology"] and not plan["multiqc"]
	assert plan["references"] == [{"name": "first", "path": "a.h5ad", "label": "ct"},
	                              {"name": "some_atlas", "path": "", "id": "some_atlas", "label": "auto"}]
	assert plan["queries"][1] == {"name": "second", "path": "q2.h5ad"}
	assert plan["columns"].startswith("label=celltypist,") and "cl_id" not in plan["columns"]
	assert [m["name"] for m in plan["models"]] == ["trained", "own", "Immune_All_Low"]
	assert [m["path"] for m in plan["models"]] == ["", "own.pkl", ""]
	for step in os.listdir("runs/colon/params"):
	    assert plan["params"].pop(step) + "\n" == open("runs/colon/params/" + step).read(), step
	assert not plan["params"]
	for thing in os.listdir("runs/colon/stamps"):
	    assert plan["stamps"].pop(thing) + "\n" == open("runs/colon/stamps/" + thing).read(), thing
	assert not plan["stamps"]
	E
}
