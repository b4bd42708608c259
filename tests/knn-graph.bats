load helper
# shellcheck disable=SC2034
NEEDS=knn-graph

check() { python "$TESTS/probe/graph_check.py" "$@"; }

@test "components, neighbours and weights are those of plain numpy" {
	knn-graph -q "$GOLDEN/sample_lognorm.h5ad" -o out.h5ad
	check "$GOLDEN/sample_lognorm.h5ad" out.h5ad
}

@test "widths above 1 are infinite, or searched when asked; the neighbours stay" {
	knn-graph -q "$GOLDEN/sample_lognorm.h5ad" -o unbounded.h5ad
	knn-graph -q --widths searched "$GOLDEN/sample_lognorm.h5ad" -o searched.h5ad
	check "$GOLDEN/sample_lognorm.h5ad" searched.h5ad 1 searched
	! check "$GOLDEN/sample_lognorm.h5ad" unbounded.h5ad 1 searched || false
	! check "$GOLDEN/sample_lognorm.h5ad" searched.h5ad || false
	knn-graph -q --widths unbounded "$GOLDEN/sample_lognorm.h5ad" -o other.h5ad
	same unbounded.h5ad other.h5ad
	fails 2 'unbounded, searched|unbounded or searched' knn-graph --widths wide "$GOLDEN/sample_lognorm.h5ad" -o wide.h5ad
}

@test "searched by groups, at least 95 % of the neighbours are found, and it is said" {
	run_split knn-graph --exact-cells 100 "$GOLDEN/sample_lognorm.h5ad" -o out.h5ad
	grep -qE 'recall (0\.9[5-9]|1\.0)' <<<"$errors"
	check "$GOLDEN/sample_lognorm.h5ad" out.h5ad 0.95
}

@test "counts give the graph of their logarithms" {
	knn-graph -q "$GOLDEN/sample_counts.h5ad" -o counts.h5ad
	lognorm -q "$GOLDEN/sample_counts.h5ad" | knn-graph -q -o logged.h5ad
	probe obsp counts.h5ad >a
	probe obsp logged.h5ad >b
	same a b
}

@test "any number of threads gives the same bytes" {
	knn-graph -q -t 1 "$GOLDEN/sample_lognorm.h5ad" -o one.h5ad
	knn-graph -q -t 8 "$GOLDEN/sample_lognorm.h5ad" -o eight.h5ad
	same one.h5ad eight.h5ad
}

@test "cells that have every gene give the components of plain numpy too" {
	awk 'BEGIN {
		srand(4); OFS = ","
		for (g = 0; g < 120; g++) { row = row ",g" g; size[g] = exp(3 * rand()) }
		print "cell" row
		for (c = 0; c < 300; c++) {
			row = "c" c
			for (g = 0; g < 120; g++)
				row = row "," 1 + int(size[g] * (1 + (g % 7 == c % 5) * 6) * (1 + 2 * rand()))
			print row
		}
	}' >full.csv
	h5-import -q --rows cells full.csv -o full.h5ad
	lognorm -q full.h5ad -o logged.h5ad
	knn-graph -q -t 1 logged.h5ad -o out.h5ad
	check logged.h5ad out.h5ad
	knn-graph -q -t 3 logged.h5ad -o three.h5ad
	same out.h5ad three.h5ad
}

@test "a processor with AVX2 runs one family of kernels, whatever its name, unless the user chose" {
	local with
	[ "$(uname -m)" = x86_64 ] || skip "kernels are chosen on x86-64"
	grep -q '^flags.* avx2' /proc/cpuinfo || skip "no AVX2"
	for with in -uOPENBLAS_CORETYPE OPENBLAS_CORETYPE= OPENBLAS_CORETYPE=Prescott; do
		env "$with" knn-graph -q --manifest "$with.json" "$GOLDEN/sample_lognorm.h5ad" -o "$with.h5ad"
	done
	grep -q '"kernels": "Haswell"' ./-uOPENBLAS_CORETYPE.json
	grep -q '"kernels": "Haswell"' OPENBLAS_CORETYPE=.json
	grep -q '"kernels": "Prescott"' OPENBLAS_CORETYPE=Prescott.json
	same ./-uOPENBLAS_CORETYPE.h5ad OPENBLAS_CORETYPE=.h5ad
	check "$GOLDEN/sample_lognorm.h5ad" OPENBLAS_CORETYPE=Prescott.h5ad
	# what is piped in is read once
	env -u OPENBLAS_CORETYPE knn-graph -q <"$GOLDEN/sample_lognorm.h5ad" >piped.h5ad
	same piped.h5ad ./-uOPENBLAS_CORETYPE.h5ad
}

@test "coordinates may be taken from obsm, and the rest of the file is carried over" {
	knn-graph -q "$GOLDEN/sample_lognorm.h5ad" -o first.h5ad
	knn-graph -q --use X_pca first.h5ad -o second.h5ad
	probe obsp first.h5ad >a
	probe obsp second.h5ad >b
	same a b
	probe X second.h5ad >a
	probe X "$GOLDEN/sample_lognorm.h5ad" >b
	same a b
	fails 1 'X_pce' knn-graph --use X_pce first.h5ad -o third.h5ad
	[ ! -e third.h5ad ]
}

@test "unfit and too small input is refused with the reason" {
	fails 3 'negative' knn-graph "$GOLDEN/norm_scaled.h5ad" -o out.h5ad
	fails 1 'fewer than --neighbors 1000' knn-graph --neighbors 1000 "$GOLDEN/sample_lognorm.h5ad" -o out.h5ad
	fails 2 '2 or more' knn-graph --neighbors 1 "$GOLDEN/sample_lognorm.h5ad" -o out.h5ad
	[ ! -e out.h5ad ]
}

@test "--few pass: a file of a few cells goes through as it is, and is told" {
	h5-select -q --shard 1/60 "$GOLDEN/pbmc_query.h5ad" -o few.h5ad
	fails 1 'fewer than --neighbors 10' knn-graph few.h5ad -o graph.h5ad
	knn-graph --few pass few.h5ad -o graph.h5ad --manifest m.json 2>said
	grep -q 'cells are too few for a graph: none is made' said
	grep -q '"skipped": "few cells"' m.json
	same <(probe X few.h5ad) <(probe X graph.h5ad)
	same <(probe obs few.h5ad) <(probe obs graph.h5ad)
	same <(h5-info few.h5ad | grep connectivities) <(h5-info graph.h5ad | grep connectivities) # the one it had
	fails 2 '--few' knn-graph --few skip few.h5ad -o graph.h5ad
}

@test "what was made from other components or another graph is left out, and the rest is not" {
	cp "$GOLDEN/pbmc_query.h5ad" old.h5ad
	python - <<-'PY'
	import h5py
	import numpy as np
	f = h5py.File("old.h5ad", "a")
	n, g = len(f["obs"][f["obs"].attrs["_index"]]), len(f["var"][f["var"].attrs["_index"]])
	for name in ("obsm/X_umap", "obsm/X_mine", "varm/PCs", "varm/mine"):
	    if name in f:
	        del f[name]
	    f.create_dataset(name, data=np.zeros((n if name[:4] == "obsm" else g, 2), "f4"))
	    f[name].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
	f.require_group("uns/pca").attrs.update({"encoding-type": "dict", "encoding-version": "0.1.0"})
	PY
	knn-graph old.h5ad -o new.h5ad 2>said
	grep -q 'obsm/X_umap was made from another graph: left out' said
	python -c 'import h5py; f = h5py.File("new.h5ad"); print(sorted(f["obsm"]), sorted(f["varm"]), "pca" in f["uns"])' >got
	grep -qF "['X_mine', 'X_pca']" got
	grep -qF "['mine'] False" got
}

# ---- tissue: 400 cells of two kinds, the left and the right half of a field ----

make_tissue() { # [awk statement for cell i]
	mkdir -p mer
	awk -v what="${1-}" 'BEGIN {
		srand(7); OFS = ","
		for (g = 0; g < 60; g++) row = row ",g" g
		print "cell" row >"mer/a_cell_by_gene.csv"
		print "EntityID,fov,volume,center_x,center_y" >"mer/a_cell_metadata.csv"
		for (i = 0; i < 400; i++) {
			x = 100 * rand(); y = 100 * rand(); line = i
			for (g = 0; g < 60; g++)
				line = line "," int((2 + 10 * (g % 2 == (x > 50)) * (rand() < .3)) * rand() * 2)
			print line >"mer/a_cell_by_gene.csv"
			if (what == "one") x = y = 5
			if (what == "far" && i == 0) x = 1e14
			print i, 0, 1, x, y >"mer/a_cell_metadata.csv"
		}
	}'
	h5-import -q mer -o tissue.h5ad
}

@test "--spatial: cells that are near, smoothed coordinates and the mixed graph are those of plain numpy" {
	make_tissue
	knn-graph -q --spatial spatial --radius 4:2.5,12:1 --diffuse 0.6:2 tissue.h5ad -o made.h5ad
	knn-graph -q --use X_diffused made.h5ad -o alike.h5ad
	python "$TESTS/probe/tissue_check.py" made.h5ad alike.h5ad 4:2.5,12:1 0.5 0.6 2
	knn-graph -q tissue.h5ad -o plain.h5ad
	knn-graph -q --spatial spatial --radius 12,4:2.5 --mix 0.9 tissue.h5ad -o made.h5ad
	python "$TESTS/probe/tissue_check.py" made.h5ad plain.h5ad 4:2.5,12:1 0.9
	knn-graph -q --spatial spatial --radius 0.5 --mix 1 tissue.h5ad -o made.h5ad
	python "$TESTS/probe/tissue_check.py" made.h5ad plain.h5ad 0.5:1 1
}

@test "--spatial: the same bytes at any number of threads; positions of obs are as good as those of obsm" {
	make_tissue
	knn-graph -q -t 1 --spatial spatial --radius 10 --diffuse 0.5:1 tissue.h5ad -o one.h5ad
	knn-graph -q -t 3 --spatial spatial --radius 10 --diffuse 0.5:1 tissue.h5ad -o three.h5ad
	same one.h5ad three.h5ad
	printf 'cell\tx\ty\n' >xy.tsv
	tail -n +2 mer/a_cell_metadata.csv | awk -F, -v OFS='\t' '{ print $1, $4, $5 }' >>xy.tsv
	h5-obs put -f xy.tsv tissue.h5ad -o columns.h5ad
	knn-graph -q --spatial obs:x,y --radius 10 --diffuse 0.5:1 columns.h5ad -o obs.h5ad
	probe obsp one.h5ad >a
	probe obsp obs.h5ad >b
	same a b
}

# How many domains GRAPH has, and how many cells are in one that is commoner in their half.
halves() {
	overcluster -q --resolution 0.2 "$1" -o d.tsv
	tail -n +2 mer/a_cell_metadata.csv | cut -d , -f 4 | paste - <(tail -n +2 d.tsv) | awk '
		{ n[$3, $1 > 50]++; d[$3] }
		END { for (k in d) right += n[k, 0] > n[k, 1] ? n[k, 0] : n[k, 1]; print length(d), right }'
}

@test "--spatial: domains that expression finds in part are found when cells that are near count too" {
	local n right
	needs overcluster
	make_tissue
	knn-graph -q --pcs 3 --spatial spatial --radius 12 --diffuse 0.6:2 tissue.h5ad -o made.h5ad
	read -r n right <<<"$(halves made.h5ad)"
	echo "$n domains, $right right"
	[ "$n" -eq 2 ]
	[ "$right" -ge 385 ]
	knn-graph -q --pcs 3 tissue.h5ad -o plain.h5ad
	read -r n right <<<"$(halves plain.h5ad)"
	echo "$n domains, $right right"
	[ "$right" -le 360 ]
}

@test "--use: coordinates that are NaN are named by array and row" {
	knn-graph -q "$GOLDEN/pbmc_query.h5ad" -o graph.h5ad
	python -c 'import h5py; h5py.File("graph.h5ad", "r+")["obsm/X_pca"][3, 2] = float("nan")'
	fails 1 'graph.h5ad: obsm/X_pca: row 3 holds -?nan' knn-graph --use X_pca graph.h5ad -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "--spatial: positions missing, NaN, in one place; radii that are none or reach too far" {
	make_tissue
	fails 1 'no obsm gone .there is: spatial' knn-graph --spatial gone --radius 5 tissue.h5ad -o no.h5ad
	fails 1 'obs has no column .*nox|nox' knn-graph --spatial obs:nox,noy --radius 5 tissue.h5ad -o no.h5ad
	fails 3 'radius 1000 joins 400 cells by (about )?159,600 edges, 399 a cell; the limit is 1,000' \
		knn-graph --spatial spatial --radius 1000 --max-edges 1000 tissue.h5ad -o no.h5ad
	local bad
	for bad in 0 -1 x 5:0 5:x 5:1:2 '' 1,2,3,4,5,6,7,8,9; do
		fails 1 'radi' knn-graph --spatial spatial --radius "$bad" tissue.h5ad -o no.h5ad
	done
	fails 2 'both or none' knn-graph --spatial spatial tissue.h5ad -o no.h5ad
	fails 2 'both or none' knn-graph --radius 5 tissue.h5ad -o no.h5ad
	fails 2 'mix' knn-graph --spatial spatial --radius 5 --mix 1.5 tissue.h5ad -o no.h5ad
	fails 2 'SHARE:STEPS' knn-graph --spatial spatial --radius 5 --diffuse 2:1 tissue.h5ad -o no.h5ad
	fails 2 'needs --spatial' knn-graph --diffuse 0.5:1 tissue.h5ad -o no.h5ad
	make_tissue one
	fails 1 'all 400 cells are in one place' knn-graph --spatial spatial --radius 5 tissue.h5ad -o no.h5ad
	make_tissue
	printf 'cell\tx\ty\n' >xy.tsv
	awk -F, -v OFS='\t' 'NR > 1 && $1 != 7 { print $1, $4, $5 }' mer/a_cell_metadata.csv >>xy.tsv
	h5-obs put -q -f xy.tsv tissue.h5ad -o columns.h5ad
	fails 1 'obs:x,y: row 7 holds nan' knn-graph --spatial obs:x,y --radius 5 columns.h5ad -o no.h5ad
	fails 1 'is not numbers|no column' knn-graph --spatial obs:x,cell --radius 5 columns.h5ad -o no.h5ad
	fails 1 'two or three' knn-graph --spatial obs:x --radius 5 columns.h5ad -o no.h5ad
	[ ! -e no.h5ad ]
	make_tissue far
	knn-graph --spatial spatial --radius 5 tissue.h5ad -o far.h5ad 2>said
	grep -qE 'cells within 5 of each; [0-9]+ have none' said
}

@test "--spatial: a radius that would make 10^9 edges is refused with the number, before anything is made" {
	mkdir many
	awk 'BEGIN { srand(1); print ",g" >"many/a_cell_by_gene.csv"; print "EntityID,fov,volume,center_x,center_y" >"many/a_cell_metadata.csv"
		for (i = 0; i < 33000; i++) { print i ",1" >"many/a_cell_by_gene.csv"; print i ",0,1," 100 * rand() "," 100 * rand() >"many/a_cell_metadata.csv" } }'
	h5-import -q many -o many.h5ad
	fails 3 'radius 500 joins 33000 cells by about 1,088,967,000 edges, 32999 a cell; the limit is 100,000,000' \
		knn-graph --spatial spatial --radius 500 many.h5ad -o no.h5ad
	[ ! -e no.h5ad ]
}
