# The pipeline as rules: what runs, what does not run again, what is said.

load demo

@test "from references and a query to typed cells" {
	copy_demo
	default_recipe
	type_it
	head -n 1 runs/pbmc/typed/pbmc_query.tsv | grep -q 'cell	label	confidence	.*	label_original	reason	cl_id	cl_name	cl_score$'
	[ "$(wc -l <runs/pbmc/typed/pbmc_query.tsv)" -eq 358 ]
	grep -q 'CL:0000451' runs/pbmc/typed/pbmc_query.tsv
	probe obs runs/pbmc/typed/pbmc_query.h5ad | head -n 1 >columns
	for c in label original confidence probability novelty model reason ontology_id ontology_name ontology_score; do
		tr '\t' '\n' <columns | grep -qx "pipette_$c" || { echo "no $c"; return 1; }
	done
	# three of them make clusters, where overcluster is built
	python -c "import json; s = json.load(open('runs/pbmc/run.json'))['steps']; assert len(s) == 12 + 3 * ('clusters.pbmc_query' in s), sorted(s)"
	[ ! -x "$BIN/overcluster" ] || grep -q "	novelty_voted	novelty_usual	" runs/pbmc/typed/pbmc_query.tsv
}

@test "columns: the pipeline's own names, those of before, the specification's; ranks on request" {
	copy_demo
	default_recipe
	names() { probe obs runs/pbmc/typed/pbmc_query.h5ad | head -n 1 | tr '\t' '\n' | grep -E '^(pipette|celltypist|cell_type)' | paste -sd ' '; }
	sed -i 's/report: no/report: no, columns: celltypist/' pbmc.yaml
	type_it
	[ "$(names)" = 'celltypist celltypist_confidence celltypist_model celltypist_original celltypist_reason celltypist_ontology_id celltypist_ontology_name celltypist_ontology_score' ]
	sed -i 's/columns: celltypist/columns: spec/' pbmc.yaml
	type_it
	[ "$(steps_run)" = h5ad.pbmc_query ]
	[ "$(names)" = 'cell_type cell_type_original cell_type_confidence cell_type_model cell_type_reason cell_type_ontology_id cell_type_ontology_name' ]
	sed -i 's/, columns: spec//' pbmc.yaml
	echo 'predict: {top: 3}' >>pbmc.yaml
	type_it
	[ "$(names)" = 'pipette_label pipette_original pipette_confidence pipette_probability pipette_novelty pipette_model pipette_reason pipette_ontology_id pipette_ontology_name pipette_ontology_score pipette_label_2 pipette_confidence_2 pipette_label_3 pipette_confidence_3' ]
	# rank 2 is the second label, and less sure than the first
	h5-obs get -q -c pipette_original,pipette_label_2,pipette_confidence,pipette_confidence_2,pipette_confidence_3 runs/pbmc/typed/pbmc_query.h5ad |
		awk -F '\t' 'NR > 1 && ($2 == $3 || $5 > $4 || $6 > $5) { print; exit 1 }'
}

@test "a second make does nothing; a new threshold reruns the gate and what follows" {
	copy_demo
	sed -i /outputs/d pbmc.yaml
	type_it
	[ "$(steps_run | wc -w)" = 13 ]
	type_it
	[ -z "$(steps_run)" ]
	sed -i s/0.3/0.5/ pbmc.yaml
	type_it
	[ "$(steps_run)" = 'gate.pbmc_query h5ad.pbmc_query map.pbmc_query report' ]
	sed -i 's/min_cells: 4/min_cells: 5/' pbmc.yaml
	type_it
	steps_run | grep -q '^ensemble.pbmc_query gate.pbmc_query h5ad.pbmc_query map.pbmc_query predict.pbmc_query.trained report train$'
}

@test "gate: no calls no cell Unknown; where: compares numbers; .h5ad.gz is read" {
	copy_demo
	gzip pbmc_query.h5ad
	sed -i 's/^queries.*/queries: pbmc_query.h5ad.gz/; s/^gate.*/gate: no/; s/label: bulk_labels/&, where: "n_counts>3000"/' pbmc.yaml
	type_it
	cut -f 2 runs/pbmc/typed/pbmc_query.tsv | grep -c Unknown >unknown || true
	[ "$(<unknown)" = 0 ]
	[ "$(wc -l <runs/pbmc/typed/pbmc_query.tsv)" -eq 358 ]
	h5-obs get -q -c n_counts runs/pbmc/train.h5ad | awk -F '\t' 'NR > 1 && !($2 > 3000) { print; exit 1 } END { exit NR < 100 }'
	[ "$(h5-obs get -q runs/pbmc/train.h5ad | wc -l)" -lt 343 ]
}

@test "batch: the report shows the labels of each; asking for it reruns the report alone" {
	copy_demo
	sed -i /outputs/d pbmc.yaml
	type_it
	! grep -q '>Labels by batch<' runs/pbmc/report.html || false
	echo 'batch: louvain' >>pbmc.yaml
	type_it
	[ "$(steps_run)" = report ]
	grep -q '>Labels by batch<' runs/pbmc/report.html
	sed -i s/louvain/luvain/ pbmc.yaml
	! type_it || false
	grep -q "luvain.*louvain" log
}

@test "harmonise brings the labels of two references together before training" {
	copy_demo
	default_recipe
	h5-obs get -q -c bulk_labels pbmc_train.h5ad | awk -F '\t' -v OFS='\t' '
		{ sub(/^Dendritic$/, "dendritic cells", $2); sub(/^CD19\+ B$/, "B lymphocytes", $2); if (NR == 1) $2 = "kind"; print }' >kinds.tsv
	h5-obs put -q -f kinds.tsv pbmc_train.h5ad -o other.h5ad
	sed -i 's/^queries/  - {path: other.h5ad, label: kind}\nharmonise: yes\nqueries/' pbmc.yaml
	type_it
	probe obs runs/pbmc/train.h5ad | awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "unified_cell_type") at = i; next } { n[$at]++ } END { for (k in n) print k }' >labels
	grep -qx 'dendritic cell' labels
	grep -qx 'B cell' labels
	[ "$(grep -ciE 'dendritic cells|^Dendritic$|lymphocytes|CD19' labels)" -eq 0 ]
	[ "$(head -n 1 runs/pbmc/calls/pbmc_query.trained.tsv | tr '\t' '\n' | tail -n 1)" = cl_id ]
	grep -q 'dendritic cell	.*	CL:0000451$' runs/pbmc/calls/pbmc_query.trained.tsv
	type_it
	[ -z "$(steps_run)" ]
}

@test "two at a time gives the same bytes as one" {
	copy_demo
	type_it
	mkdir one
	mv runs/pbmc/typed one
	rm -r runs
	type_it -j2
	same one/typed/pbmc_query.tsv runs/pbmc/typed/pbmc_query.tsv
	same one/typed/pbmc_query.h5ad runs/pbmc/typed/pbmc_query.h5ad
}

@test "references that share few genes are refused, with the way to the config's key; concat: {join: outer} takes them" {
	copy_demo
	python -c 'import h5py; v = h5py.File("pbmc_train.h5ad")["var"]; print("\n".join(v[v.attrs["_index"]].asstr()[::12]))' >few.txt
	h5-select -q --genes few.txt pbmc_train.h5ad -o few.h5ad
	sed -i 's/^queries/  - {path: few.h5ad, label: bulk_labels}\n&/' pbmc.yaml
	run type_it
	[ "$status" -ne 0 ]
	grep -q 'under --min-kept 0.1' log
	grep -q '^concat: its options are keys of the config, as concat: {...}: pipette conf-mk --keys' log
	echo 'concat: {join: outer}' >>pbmc.yaml
	type_it runs/pbmc/train.h5ad
	[ "$(h5-info runs/pbmc/train.h5ad | awk -F '\t' '$1 == "X" { print $3, $4 }')" = '686 765' ]
}

@test "status, why and verify tell what there is" {
	copy_demo
	type_it
	type_it status >status
	! grep -v '^fresh' status || false
	type_it verify | grep -q 'outputs are what their steps wrote'
	sed -i s/0.3/0.5/ pbmc.yaml
	type_it status >status
	grep -q '^stale    runs/pbmc/gated/pbmc_query.tsv' status
	grep -q '^stale    runs/pbmc/typed/pbmc_query.tsv' status
	grep -q '^stale    runs/pbmc/typed/pbmc_query.h5ad' status # behind a step of two outputs
	grep -q '^fresh    runs/pbmc/ensemble/pbmc_query.tsv' status
	type_it why TARGET=runs/pbmc/gated/pbmc_query.tsv | grep -q "'runs/pbmc/stamps/gate.pbmc_query' is newer"
	rm runs/pbmc/models/trained.h5
	type_it status | grep -q '^missing  runs/pbmc/models/trained.h5'
	echo >>runs/pbmc/ensemble/pbmc_query.tsv
	! type_it verify
}

@test "a model that knows too few of the genes is skipped; if all are, the run stops and says so" {
	copy_demo
	lr-train -q -l bulk_labels --recipe celltypist --min-cells 4 pbmc_train.h5ad -o good.h5
	h5-select -q --genes <(printf 'CD79A\nLYZ\nNKG7\n') pbmc_train.h5ad -o few.h5ad
	lr-train -q -l bulk_labels --min-cells 4 pbmc_train.h5ad -o far.h5
	h5-select -q --genes <(printf 'CD79A\nLYZ\nNKG7\nCD3D\nCST3\n') pbmc_query.h5ad -o small.h5ad
	printf 'models: [good.h5]\nqueries: [pbmc_query.h5ad, small.h5ad]\noutputs: {report: no}\n' >pbmc.yaml
	! type_it -k || false
	grep -q 'skipped runs/pbmc/calls/small.good.tsv' log
	grep -q 'not typed: small: ensemble: every model was skipped' log
	[ "$(wc -l <runs/pbmc/typed/pbmc_query.tsv)" -eq 358 ]
	grep -q '^# not typed: ensemble: every model was skipped' runs/pbmc/typed/small.tsv
}

@test "voting over-clusters and votes" {
	needs knn-graph overcluster
	copy_demo
	sed -i '$a vote: {min_prop: 0}' pbmc.yaml
	type_it
	steps_run | grep -q 'clusters.pbmc_query .*graph.pbmc_query .*vote.pbmc_query'
	# the cell's own call, the vote and the gated answer, each under its own name
	column() { awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; next }
		{ print $at }' "$2"; }
	column label_original runs/pbmc/typed/pbmc_query.tsv >own
	column majority_voting runs/pbmc/typed/pbmc_query.tsv >voted
	column label runs/pbmc/ensemble/pbmc_query.tsv | same - own
	! cmp -s own voted || false
	h5-obs get -c pipette_original runs/pbmc/typed/pbmc_query.h5ad | sed 1d | cut -f 2 | same - own
	h5-obs get -c pipette_voted runs/pbmc/typed/pbmc_query.h5ad | sed 1d | cut -f 2 | same - voted
	h5-obs get -c pipette_label runs/pbmc/typed/pbmc_query.h5ad | sed 1d | cut -f 2 |
		paste - voted | awk -F '\t' '$1 != $2 && $1 != "Unknown" { exit 1 }'
}

@test "a step more is a row more: Make, status and the report's list of steps know it" {
	copy_demo
	sed -i /outputs/d pbmc.yaml
	cp -R "$TESTS/../workflows" .
	cat >workflows/steps/count-labels <<-'E'
	#!/bin/sh
	# count-labels TABLE -o COUNTS --manifest FILE
	cut -f 2 "$1" | sort | uniq -c >"$3"
	printf '{"tool": "count-labels", "outputs": [{"path": "%s", "sha256": "%s"}]}\n' "$3" "$(sha256sum <"$3" | cut -c 1-64)" >"$5"
	E
	chmod +x workflows/steps/count-labels
	sed -i '/^report\t/i\
count\tquery\t-\ttyped/{query}.tsv\tcounts/{query}.txt\t-\t1\tlocal\tcount-labels {1} -o {out}' workflows/steps.tsv
	WORKFLOW=workflows/typing.mk
	type_it
	grep -q 'dendritic\|Dendritic' runs/pbmc/counts/pbmc_query.txt
	type_it status | grep -qx 'fresh    runs/pbmc/counts/pbmc_query.txt'
	type_it verify >verified
	grep -q 'count.pbmc_query' runs/pbmc/run.json
	grep -q 'count-labels' runs/pbmc/report.html
	sed -i s/0.3/0.5/ pbmc.yaml
	type_it
	[ "$(steps_run)" = 'count.pbmc_query gate.pbmc_query h5ad.pbmc_query map.pbmc_query report' ]
}

@test "an interrupted run resumes" {
	copy_demo
	type_it runs/pbmc/train.h5ad
	type_it
	steps_run | grep -q 'train' && ! steps_run | grep -q 'concat'
}

@test "a matrix that is not counts stops the run with the reason" {
	copy_demo
	h5-obs get -q "$GOLDEN/norm_scaled.h5ad" | awk -F '\t' 'NR == 1 { print "cell\tbulk_labels" } NR > 1 { print $1 "\t" (NR % 2) }' >labels.tsv
	h5-obs put -q -f labels.tsv "$GOLDEN/norm_scaled.h5ad" -o pbmc_train.h5ad
	! type_it || false
	cat log
	grep -q 'X is scaled' log
	[ ! -e runs/pbmc/train.h5ad ]
}

@test "a model of older gene symbols misses none that the query has: the calls are as on the file as it is" {
	copy_demo
	lr-train -q -l bulk_labels --min-cells 4 pbmc_train.h5ad -o other.h5
	lr-model export -q other.h5 -o other.pkl
	sed -i '/^references/,/^  - /d; /^train/d; $a models: [other.pkl]' pbmc.yaml
	type_it
	lr-predict -q -m other.pkl pbmc_query.h5ad -o want.tsv 2>/dev/null
	same runs/pbmc/calls/pbmc_query.other.tsv want.tsv
	[ "$(grep -c ATP5IF1 runs/pbmc/models/other.genes.tsv)" -eq 1 ]
	grep -q 'other: 764 of its 764 genes' log
	[ -z "$(find runs -name '.*' -type f)" ]
	type_it verify
}

@test "cells that the gate gave a reason have no term, even when they are called as a type is" {
	copy_demo
	default_recipe
	sed -i 's/^gate.*/gate: {min_confidence: 0.5, label: unclear T cell}/' pbmc.yaml
	type_it
	awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["reason"] != "" { doubtful++; if ($at["label"] != "unclear T cell" || $at["cl_id"] $at["cl_name"] $at["cl_score"] != "") exit 1; next }
		$at["cl_id"] ~ /^CL:/ { known++ }
		END { exit !(doubtful && known) }' runs/pbmc/typed/pbmc_query.tsv
	h5-obs put -q --preset cellxgene -f runs/pbmc/typed/pbmc_query.tsv pbmc_query.h5ad -o upload.h5ad
	h5-obs get -q -c cell_type_ontology_term_id upload.h5ad | cut -f 2 | paste -d ' ' - <(cut -f 2 runs/pbmc/typed/pbmc_query.tsv) >said
	grep -q 'unknown unclear T cell' said
	! grep 'CL.*unclear' said
}

@test "cells that are not sure of their label climb: what one reference's words mean is known by their ids" {
	copy_demo
	default_recipe
	sed -i '/^gate/d' pbmc.yaml
	type_it
	grep -q 'map-references' log
	awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["reason"] ~ /^CLIMB/ { n++; if ($at["label"] != $at["cl_name"] || $at["cl_id"] !~ /^CL:/ || $at["label"] == $at["label_original"]) { print; exit 1 } }
		END { print n + 0; exit n < 5 }' runs/pbmc/typed/pbmc_query.tsv
	sed -i '$a gate: {climb: no}' pbmc.yaml
	type_it
	run grep CLIMB runs/pbmc/typed/pbmc_query.tsv
	[ "$status" -eq 1 ]
}

@test "the ensemble may agree on ontology terms, and every id is the final label's" {
	copy_demo
	default_recipe
	lr-train -q -l bulk_labels --min-cells 4 --seed 7 --C 0.1 pbmc_train.h5ad -o other.h5
	cat >>pbmc.yaml <<-'E'
	models: [other.h5]
	ensemble: {rule: ontology, quorum: 0.6}
	ontology: {tissue: blood}
	E
	sed -i 's/0.3/0.6/' pbmc.yaml
	type_it
	head -n 1 runs/pbmc/ensemble/pbmc_query.tsv | grep -q 'disagreement	.*cl_id$'
	head -n 1 runs/pbmc/typed/pbmc_query.tsv | tr '\t' '\n' | sort | uniq -d | wc -l | grep -qx 0
	awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["label"] == "Unknown" { unknown++; if ($at["cl_id"] != "") exit 1; next }
		{ known++; if ($at["cl_id"] !~ /^CL:/ || $at["cl_name"] != $at["label"]) exit 1 }
		END { exit !(unknown && known) }' runs/pbmc/typed/pbmc_query.tsv
	sed -i 's/quorum: 0.6/quorum: 0.4/' pbmc.yaml
	type_it
	steps_run | grep -q '^ensemble.pbmc_query gate.pbmc_query'
}

@test "one unfit sample does not stop the cohort: it is listed with the reason, and the exit status tells" {
	copy_demo
	h5-obs get -q "$GOLDEN/norm_scaled.h5ad" | awk -F '\t' '{ print $1 "\t" (NR > 1 ? "T cell" : "bulk_labels") }' >labels.tsv
	h5-obs put -q -f labels.tsv "$GOLDEN/norm_scaled.h5ad" -o scaled.h5ad
	head -c 50000 pbmc_query.h5ad >cut.h5ad
	sed -i 's/^queries.*/queries: [scaled.h5ad, cut.h5ad, pbmc_query.h5ad]/; s/^outputs.*/truth: bulk_labels/' pbmc.yaml
	! type_it || false
	[ "$(wc -l <runs/pbmc/typed/pbmc_query.tsv)" -eq 358 ]
	grep -q '^not typed: scaled: ' log
	grep -q '^not typed: cut: failed: gene-normalize: cut.h5ad: ' log
	grep -q '<strong>Not typed</strong>: failed: gene-normalize: cut.h5ad' runs/pbmc/report.html
	[ "$(grep -c '<strong>Not typed' runs/pbmc/report.html)" -eq 2 ]
	grep -q 'not typed' runs/pbmc/run.json
	! type_it || false # what was refused stays so, what failed is tried again
	steps_run | grep -q 'genes.cut'
	! steps_run | grep -q 'scaled\|pbmc_query' || false
	cp pbmc_query.h5ad cut.h5ad
	cp pbmc_query.h5ad scaled.h5ad
	type_it
	[ "$(wc -l <runs/pbmc/typed/cut.tsv)" -eq 358 ]
	! grep -q '<strong>Not typed' runs/pbmc/report.html || false
	type_it
	[ -z "$(steps_run)" ]
}

@test "mapping: an atlas made of the references is one more voter; the report draws over it" {
	copy_demo
	default_recipe
	sed -i /outputs/d pbmc.yaml
	echo 'mapping: yes' >>pbmc.yaml
	type_it
	cd runs/pbmc
	[ "$(wc -l <calls/pbmc_query.mapping.tsv)" -eq 358 ]
	awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["models"] == 2 && $at["agree"] == 1 { differ++ } $at["model"] == "atlas" { won++ } END { exit !(differ && won) }' ensemble/pbmc_query.tsv
	grep -q 'Cells over the atlas' report.html
	grep -q 'X_pca_mapped, its first two columns; grey: ' report.html
	cd - >/dev/null
	type_it
	[ -z "$(steps_run)" ]
	sed -i "s,^mapping.*,mapping: {by: cells}," pbmc.yaml
	type_it
	steps_run | grep -q 'transfer.pbmc_query'
	head -n 1 runs/pbmc/calls/pbmc_query.mapping.tsv | grep -q probability
}

@test "mapping: onto an atlas there is, with nothing else to type by; too few genes are said" {
	copy_demo
	sed -i /outputs/d pbmc.yaml
	ref-build -q -l bulk_labels pbmc_train.h5ad -o pbmc.ref.h5
	sed -i '/^references/,/^queries/{/^queries/!d}' pbmc.yaml
	echo 'mapping: {reference: pbmc.ref.h5, by: profiles}' >>pbmc.yaml
	type_it
	[ "$(wc -l <runs/pbmc/typed/pbmc_query.tsv)" -eq 358 ]
	[ "$(cut -f 7 runs/pbmc/ensemble/pbmc_query.tsv | sort -u | paste -sd,)" = model,pbmc ]
	grep -q 'Cells over the atlas' runs/pbmc/report.html
}

@test "mapping: a model of scvi-tools places the queries and labels them, with nothing else to type by" {
	cp "$GOLDEN/vae/scanvi_arches.pt" "$GOLDEN/vae/query2.h5ad" .
	printf '%s\n' 'name: lung' 'queries: [query2.h5ad]' 'mapping: {reference: scanvi_arches.pt, batch: batch}' 'ontology: {use: no}' >lung.yaml
	make -s -f "$WORKFLOW" BIN="$BIN" CONFIG=lung.yaml 2>log
	[ "$(cut -f 7 runs/lung/calls/query2.mapping.tsv | sort -u | paste -sd,)" = model,scanvi_arches.pt ]
	[ "$(wc -l <runs/lung/typed/query2.tsv)" = "$(wc -l <runs/lung/calls/query2.mapping.tsv)" ]
	h5-info runs/lung/mapped/query2.h5ad | grep -q X_scANVI
	grep -q "Cells in the latent space" runs/lung/report.html
	grep -q 'X_scANVI, the two columns that vary most' runs/lung/report.html
}

@test "evidence: markers of every label, verdicts and terms are steps as others are" {
	copy_demo
	default_recipe
	echo 'evidence: {markers: yes, go: yes}' >>pbmc.yaml
	type_it
	cd runs/pbmc/evidence
	head -n 1 pbmc_query.markers.tsv | grep -q '^cluster	gene	score	log2fc'
	[ "$(cut -f 6 pbmc_query.verdicts.tsv | grep -c supported)" -ge 3 ]
	[ "$(wc -l <pbmc_query.terms.tsv)" -gt 10 ]
	cd - >/dev/null
	type_it
	[ "$(steps_run)" = '' ]
}

@test "evidence: proposals of a language model are judged by the markers" {
	needs llm-annotate
	copy_demo
	serve llm_server.py port
	echo "evidence: {markers: yes, llm_url: 'http://127.0.0.1:$(<server/port)/v1', llm_model: good}" >>pbmc.yaml
	type_it || { stop_server; return 1; }
	stop_server
	[ "$(cut -f 4 runs/pbmc/evidence/pbmc_query.proposals.tsv | grep -c proposed)" -ge 3 ]
	[ "$(cut -f 6 runs/pbmc/evidence/pbmc_query.judged.tsv | grep -c supported)" -ge 3 ]
}

@test "space: domains of a tissue are steps, and the report draws them and shows the evidence" {
	needs overcluster
	copy_demo
	# positions: a cell's number in the file, in rows of twenty
	sed -i /outputs/d pbmc.yaml
	h5-obs get -q -c bulk_labels pbmc_query.h5ad |
		awk -F '\t' -v OFS='\t' 'NR == 1 { print "cell", "px", "py"; next } { print $1, NR % 20, int(NR / 20) }' >xy.tsv
	h5-obs put -q -f xy.tsv pbmc_query.h5ad -o p.h5ad && mv p.h5ad pbmc_query.h5ad
	echo "space: {radius: '1.5', positions: 'obs:px,py', diffuse: '0.5:1'}" >>pbmc.yaml
	echo 'evidence: {markers: yes}' >>pbmc.yaml
	type_it
	[ "$(head -n 1 runs/pbmc/space/pbmc_query.domains.tsv)" = $'cell\tcluster' ]
	grep -q 'class="dots"' runs/pbmc/report.html
	grep -q 'What the markers say of each label' runs/pbmc/report.html
}

@test "qc: the query is judged, in the typed file and on the page; one without counts is typed all the same" {
	needs h5-qc
	copy_demo
	cp "$GOLDEN/sample_counts.h5ad" counts.h5ad
	lr-train -q -l louvain --min-cells 5 pbmc_train.h5ad -o far.h5
	sed -i 's/^queries.*/queries: [pbmc_query.h5ad, counts.h5ad]/; /outputs/d' pbmc.yaml
	echo 'qc: {mad: 3}' >>pbmc.yaml
	type_it
	steps_run | grep -q 'qc.counts qc.pbmc_query'
	[ "$(head -n 1 runs/pbmc/qc/counts.tsv | cut -f 1,2,8)" = 'cell	n_counts	qc' ]
	h5-obs get -q -c qc_n_counts,qc_doublet_score,qc_qc,pipette_label runs/pbmc/typed/counts.h5ad | cut -f 2 | sed 1d | cmp - <(cut -f 2 runs/pbmc/qc/counts.tsv | sed 1d)
	[ ! -s runs/pbmc/qc/pbmc_query.tsv ] # the demo's cells are log-normalised
	[ "$(wc -l <runs/pbmc/typed/pbmc_query.tsv)" -eq 358 ]
	h5-obs get -q runs/pbmc/typed/pbmc_query.h5ad | head -n 1 | grep -c qc_ && return 1
	[ "$(grep -c 'Quality of the cells' runs/pbmc/report.html)" -eq 1 ]
	type_it
	[ -z "$(steps_run)" ]
	sed -i 's/mad: 3/mad: 5/' pbmc.yaml
	type_it
	[ "$(steps_run)" = 'h5ad.counts h5ad.pbmc_query qc.counts qc.pbmc_query report' ]
}

@test "make_unique: cells of one name are typed under names of their own" {
	copy_demo
	h5-select -q --shard 1/4 pbmc_query.h5ad -o a.h5ad
	concat -q a.h5ad a.h5ad --keys a,b -o twice.h5ad 2>/dev/null || concat -q --index-unique . --keys a,b a.h5ad a.h5ad -o twice.h5ad
	python - <<-'P'
	import h5py
	f = h5py.File("twice.h5ad", "r+")["obs"]
	d = f[f.attrs["_index"]]
	n = len(d) // 2
	d[:] = list(d[:n]) * 2
	P
	sed -i 's/^queries.*/queries: twice.h5ad\ntruth: bulk_labels/' pbmc.yaml
	type_it && return 1
	grep -q 'two cells are called' log
	echo 'make_unique: yes' >>pbmc.yaml
	type_it
	[ "$(cut -f 1 runs/pbmc/typed/twice.tsv | sort | uniq -d | wc -l)" -eq 0 ]
	[ "$(cut -f 1 runs/pbmc/typed/twice.tsv | grep -c -- '-1$')" -ge 89 ]
	[ "$(h5-obs get -q -c pipette_label runs/pbmc/typed/twice.h5ad | wc -l)" -eq "$(wc -l <runs/pbmc/typed/twice.tsv)" ]
	[ -s runs/pbmc/eval/twice.json ]
}
