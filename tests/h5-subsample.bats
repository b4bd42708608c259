load helper

IN=$GOLDEN/pbmc_train.h5ad
LABEL=bulk_labels

classes() { probe obs "$1" | awk -F '\t' -v name="${2:-$LABEL}" '
	NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i; next } { print $at }' | sort | uniq -c | awk '{ n = $1; $1 = ""; print substr($0, 2) "\t" n }'; }

@test "proportional: every class ceil of its share, trimmed to n" {
	h5-subsample -q -n 100 -l $LABEL "$IN" -o out.h5ad
	[ "$(probe obs out.h5ad | tail -n +2 | wc -l)" -eq 100 ]
	join -t '	' <(classes "$IN") <(classes out.h5ad) | awk -F '\t' '
		{ all += $2; size[NR] = $2; got[NR] = $3 }
		END { for (i in size) if (got[i] > int(100 * size[i] / all) + 1) { print i, size[i], got[i]; exit 1 } }'
}

@test "equal: n / classes of every class, small ones whole, filled to n" {
	h5-subsample -q -n 200 -m equal -l $LABEL "$IN" -o out.h5ad
	[ "$(probe obs out.h5ad | tail -n +2 | wc -l)" -eq 200 ]
	join -t '	' <(classes "$IN") <(classes out.h5ad) | awk -F '\t' '
		{ size[NR] = $2; got[NR] = $3 }
		END { for (i in size) { least = int(200 / NR); if (size[i] < least) least = size[i]
			if (got[i] < least) { print i, size[i], got[i]; exit 1 } } }'
}

@test "cap: no class over the cap; small ones stay, or go with --min-cells" {
	h5-subsample -q -m cap --cap 20 -l $LABEL "$IN" -o out.h5ad
	join -t '	' <(classes "$IN") <(classes out.h5ad) | awk -F '\t' '{ if ($3 != ($2 < 20 ? $2 : 20)) { print; exit 1 } }'
	[ "$(classes "$IN" | wc -l)" -eq "$(classes out.h5ad | wc -l)" ]
	h5-subsample -q -m cap --cap 20 --min-cells 15 -l $LABEL "$IN" -o out.h5ad
	classes "$IN" | awk -F '\t' '$2 >= 15' | wc -l >want
	classes out.h5ad | wc -l >got
	same got want
}

@test "a share of the cells there are to draw from" {
	h5-subsample -q -n 10% "$IN" -o out.h5ad
	[ "$(probe obs out.h5ad | tail -n +2 | wc -l)" -eq 34 ] # of 343
	h5-subsample -q -n 50% -l $LABEL -w "$LABEL=Dendritic" "$IN" -o out.h5ad
	n=$(classes "$IN" | awk -F '\t' '$1 == "Dendritic" { print $2 }')
	[ "$(classes out.h5ad)" = "Dendritic	$(((n + 1) / 2))" ]
	h5-subsample -q -n 0.01% "$IN" -o out.h5ad
	[ "$(probe obs out.h5ad | tail -n +2 | wc -l)" -eq 1 ]
	h5-subsample -q -n 100% "$IN" -o out.h5ad
	[ "$(probe obs out.h5ad | tail -n +2 | wc -l)" -eq 343 ]
	for n in 0% 101% -5% x% % 10%%; do
		fails 2 'a number of cells, or a share of them such as 10%' h5-subsample --cells=$n "$IN" -o no.h5ad || return 1
	done
}

@test "no cell comes twice, cells keep the order of the file, --rows says which" {
	h5-subsample -q -n 150 -l $LABEL --rows rows.tsv "$IN" -o out.h5ad
	probe obs out.h5ad | cut -f1 | tail -n +2 >got
	tail -n +2 rows.tsv | cut -f1 >listed
	same got listed
	tail -n +2 rows.tsv | cut -f2 >rows
	sort -nu rows >sorted
	same rows sorted
	probe obs "$IN" | cut -f1 | tail -n +2 | awk 'FILENAME == "rows" { want[$1]; next } (FNR - 1) in want' rows - >by_row
	same by_row got
}

@test "values are those of the whole file" {
	h5-subsample -q -n 40 "$IN" -o out.h5ad
	probe obs out.h5ad | cut -f1 | tail -n +2 >cells
	probe X out.h5ad >got
	probe X "$IN" | awk -F '\t' 'FILENAME == "cells" { c[$1]; next } $1 in c' cells - >want
	same got want
	[ -s got ]
}

@test "the same seed draws the same cells from any order; another seed draws others" {
	h5-select -q --shard 1/2 "$IN" -o a.h5ad
	h5-select -q --shard 2/2 "$IN" -o b.h5ad
	concat -q --label none --source none --index-unique none b.h5ad a.h5ad -o turned.h5ad
	h5-subsample -q -n 80 -l $LABEL "$IN" -o one.h5ad
	h5-subsample -q -n 80 -l $LABEL turned.h5ad -o two.h5ad
	probe obs one.h5ad | cut -f1 | tail -n +2 | sort >one
	probe obs two.h5ad | cut -f1 | tail -n +2 | sort >two

	same one two
	h5-subsample -q -n 80 -l $LABEL --seed 7 "$IN" -o other.h5ad
	probe obs other.h5ad | cut -f1 | tail -n +2 | sort >other
	! cmp -s one other
}

@test "--by shares a class out evenly over groups" {
	h5-subsample -q -m cap --cap 20 --by $LABEL "$IN" -o out.h5ad
	[ "$(probe obs out.h5ad | tail -n +2 | wc -l)" -eq 20 ]
	classes out.h5ad | awk -F '\t' '$2 < 1 || $2 > 3 { print; exit 1 }'
}

@test "more cells than there are: all, and it says so; classes and labels that are not there" {
	h5-subsample -n 100000 -l $LABEL "$IN" -o out.h5ad 2>message
	grep -q '100000 cells were asked for, there are .*: all are kept' message
	probe X out.h5ad >got
	probe X "$IN" >want
	same got want
	fails 1 'bulk_labels' h5-subsample -n 10 -l bulk_label "$IN" -o no.h5ad
	fails 3 "no cell to draw from: .*: no cell has $LABEL = nobody" \
		h5-subsample -n 10 -l $LABEL -w $LABEL=nobody "$IN" -o no.h5ad
	fails 2 '--where =x: should be' h5-subsample -n 10 -w =x "$IN" -o no.h5ad
	fails 3 'min-cells' h5-subsample -n 10 -l $LABEL --min-cells 100000 "$IN" -o no.h5ad
	fails 2 '-n says how many' h5-subsample "$IN" -o no.h5ad
	fails 2 'for --mode cap' h5-subsample -n 5 --cap 5 "$IN" -o no.h5ad
	[ ! -e no.h5ad ]
}

@test "cells without a label are counted and left out, or kept as a class" {
	local in=$GOLDEN/dialect_sk15_csr_gzip.h5ad
	h5-subsample -n 1000 -l lab_na "$in" -o out.h5ad 2>message
	grep -q '1 cells have no lab_na: left out' message
	[ "$(probe obs out.h5ad | tail -n +2 | wc -l)" -eq 59 ]
	h5-subsample -q -n 1000 -l lab_na --na keep "$in" -o out.h5ad
	[ "$(probe obs out.h5ad | tail -n +2 | wc -l)" -eq 60 ]
}

@test "any number of threads gives the same bytes" {
	h5-subsample -q -t 1 -z gzip -n 50 "$IN" -o a.h5ad
	h5-subsample -q -t 4 -z gzip -n 50 "$IN" -o b.h5ad
	same a.h5ad b.h5ad
}

@test "-n 0 keeps all cells, by any mode" {
	for mode in proportional equal; do
		h5-subsample -q -n 0 --mode $mode -l louvain "$TESTS/../refs/demo/pbmc_train.h5ad" -o all.h5ad
		[ "$(h5-obs get -c louvain all.h5ad | wc -l)" -eq 344 ]
	done
}

@test "--exclude leaves labels out, and says words that no cell has" {
	h5-subsample -n 50 -l bulk_labels --exclude 'CD19+ B,Dendritic,Doublet' "$GOLDEN/pbmc_train.h5ad" -o out.h5ad 2>said
	grep -q 'no cell is labelled "Doublet"' said
	grep -qE '[0-9]+ cells are left out by their labels' said
	[ "$(h5-obs get -c bulk_labels out.h5ad | cut -f 2 | grep -cE '^(CD19\+ B|Dendritic)$')" -eq 0 ]
	[ "$(h5-obs get out.h5ad | wc -l)" -eq 51 ]
	fails 2 'exclude is for labels' h5-subsample -n 50 --exclude A "$GOLDEN/pbmc_train.h5ad" -o no.h5ad
}
