load helper
# shellcheck disable=SC2034
NEEDS=nmf

distance() { sed -n 's/.*"distance": \([0-9.]*\).*/\1/p' "$1"; }

# 200 cells, each of one of three programs of ten genes, over a common ground of thirty.
make_programs() {
	awk 'BEGIN {
		srand(3); OFS = ","; row = "cell"
		for (g = 0; g < 60; g++) row = row ",g" g
		print row
		for (c = 0; c < 200; c++) {
			row = "c" c
			for (g = 0; g < 60; g++)
				row = row "," int(2 * rand() + (g < 30 && int(g / 10) == c % 3 ? 5 + 10 * rand() : 0))
			print row
		}
	}' >programs.csv
	h5-import -q --rows cells programs.csv -o programs.h5ad
}

@test "parts come as near to the cells as scikit-learn's, or nearer" {
	local rank want
	while read -r rank want; do
		nmf -q --slot raw --rank "$rank" --steps 3000 --manifest m.json "$GOLDEN/pbmc68k_reduced.h5ad" -o out.h5ad
		echo "rank $rank: $(distance m.json), scikit-learn $want"
		awk -v a="$(distance m.json)" -v b="$want" 'BEGIN { exit !(a <= b * (1 + 1e-4) && a >= b * (1 - 1e-3)) }'
	done < <(tail -n +2 "$GOLDEN/evidence/nmf.tsv")
}

@test "the distance told is that of the parts written, and nothing is below 0" {
	make_programs
	nmf -q --rank 3 --manifest m.json programs.h5ad -o out.h5ad
	python - "$(distance m.json)" <<-'END'
		import sys
		import h5py
		import numpy as np
		f = h5py.File("out.h5ad")
		x = np.zeros((200, 60))
		starts = f["X/indptr"][:]
		for i in range(200):
		    x[i, f["X/indices"][starts[i]:starts[i + 1]]] = f["X/data"][starts[i]:starts[i + 1]]
		x = np.log1p(x / x.sum(1, keepdims=True) * 1e4)
		w, h = f["obsm/X_nmf"][:].astype(float), f["varm/NMF"][:].astype(float)
		assert w.shape == (200, 3) and h.shape == (60, 3) and w.min() >= 0 and h.min() >= 0
		told, found = float(sys.argv[1]), np.linalg.norm(x - w @ h.T)
		assert abs(found - told) < 1e-5 * told, (found, told)
		assert abs(f["uns/nmf/distance"][()] - told) < 1e-9 * told
	END
}

@test "programs that cells were made of are found, and --parts lists their genes" {
	make_programs
	nmf --rank 3 --parts parts.tsv --top 10 programs.h5ad -o out.h5ad 2>said
	grep -q '3 parts of 60 genes explain' said
	[ "$(head -n 1 parts.tsv)" = $'part\trank\tgene\tweight\tshare' ]
	[ "$(wc -l <parts.tsv)" -eq 31 ]
	# each part's ten strongest genes are one program
	tail -n +2 parts.tsv | awk -F '\t' '{ n[$1, int(substr($3, 2) / 10)]++ } END { for (k in n) print n[k] }' >counts
	[ "$(sort -u counts)" = 10 ]
	[ "$(wc -l <counts)" -eq 3 ]
}

@test "any number of threads gives the same bytes; one step is not enough, and it is said" {
	make_programs
	nmf -q -t 1 --rank 3 programs.h5ad -o one.h5ad
	nmf -q -t 4 --rank 3 programs.h5ad -o four.h5ad
	same one.h5ad four.h5ad
	nmf --rank 3 --steps 1 programs.h5ad -o short.h5ad 2>said
	grep -q 'has not settled after 1 steps' said
}

@test "knn-graph takes the parts for coordinates" {
	needs knn-graph
	make_programs
	nmf -q --rank 3 programs.h5ad | knn-graph -q --use X_nmf - -o graph.h5ad
	probe obsp graph.h5ad | grep -q connectivities
}

@test "values below 0, too many parts, empty cells and wrong usage are refused with the reason" {
	make_programs
	fails 1 '60 parts of 200 cells and 59 genes|61 parts of 200 cells and 60 genes: too many' \
		nmf --rank 61 programs.h5ad -o no.h5ad
	fails 3 'scaled|negative|below' nmf "$GOLDEN/pbmc68k_reduced.h5ad" --slot X -o no.h5ad
	fails 3 'value is -' nmf "$GOLDEN/pbmc68k_reduced.h5ad" --slot X --accept scaled -o no.h5ad
	fails 2 'rank is 1' nmf --rank 0 programs.h5ad -o no.h5ad
	fails 2 'steps' nmf --steps 0 programs.h5ad -o no.h5ad
	[ ! -e no.h5ad ]
	printf 'cell,a,b,c\nx,0,0,0\ny,0,0,0\nz,0,0,0\n' >empty.csv
	h5-import -q --rows cells empty.csv -o empty.h5ad
	run nmf --rank 1 empty.h5ad -o no.h5ad
	[ "$status" -ne 0 ]
	[ ! -e no.h5ad ]
}
