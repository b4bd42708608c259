#!/usr/bin/env bats
# vae-train: scVI and scANVI learned from counts.
NEEDS=vae-train
load helper

G=$GOLDEN/vae
TRAIN="vae-train -q -b batch -g all --hidden 16 --latent 4"

@test "the loss falls, and the classes are learned" {
	$TRAIN --hidden 32 --latent 8 -l lab -e 60 --class-epochs 15 --history h.tsv "$G/ref.h5ad" -o m.h5
	[ "$(wc -l <h.tsv)" = 76 ]
	awk -F '\t' 'NR == 2 { first = $6 } NR == 61 { exit !($6 < 0.9 * first) }' h.tsv
	vae-map -q -m m.h5 "$G/ref.h5ad" -o out.h5ad -c calls.tsv
	h5-obs get -q -c truth "$G/ref.h5ad" >truth.tsv
	paste <(cut -f 2 calls.tsv) <(cut -f 2 truth.tsv) | awk -F '\t' 'NR > 1 { n++; ok += $1 == $2 } END { exit !(ok > 0.95 * n) }'
}

@test "one thread or three, counts in memory or not: the same model" {
	$TRAIN -t 1 -l lab -e 3 --class-epochs 2 "$G/ref.h5ad" -o a.h5
	$TRAIN -t 3 -l lab -e 3 --class-epochs 2 --memory 1k "$G/ref.h5ad" -o b.h5
	cmp a.h5 b.h5
	$TRAIN -l lab -e 3 --class-epochs 2 --seed 1 "$G/ref.h5ad" -o c.h5
	! cmp -s a.h5 c.h5
}

@test "scvi-tools' own recipe: batch norm, extra zeros, the encoder without batches" {
	$TRAIN --recipe scvi -e 2 "$G/ref.h5ad" -o m.h5
	vae-model info m.h5 >info.tsv
	grep -qx "likelihood	zinb" info.tsv
	grep -qx "batch_norm	both" info.tsv
	grep -qx "encode_covariates	no" info.tsv
}

@test "training goes on from a checkpoint, and a query is mapped onto the result" {
	$TRAIN -e 4 --checkpoint half.h5 --every 2 "$G/ref.h5ad" -o m.h5
	[ -s half.h5 ]
	$TRAIN --from half.h5 -e 2 "$G/ref.h5ad" -o on.h5
	vae-map -q --epochs 2 -m on.h5 "$G/query.h5ad" -o out.h5ad
	fails 1 "its batch 1 is b0, not" vae-train -b lab -l truth --from half.h5 "$G/ref.h5ad" -o x.h5 ||
		fails 1 "knows 3 batches" vae-train -b lab --from half.h5 "$G/ref.h5ad" -o x.h5
}

@test "the most variable genes, a panel, a single batch" {
	vae-train -q -g 50 --hidden 8 -e 2 "$G/ref.h5ad" -o m.h5
	[ "$(vae-model genes m.h5 | wc -l)" -ge 51 ]
	vae-model info m.h5 | grep -qx "batches	1"
	vae-model genes m.h5 | tail -n 20 >panel.txt
	vae-train -q -g panel.txt --hidden 8 -e 2 "$G/ref.h5ad" -o p.h5
	vae-model info p.h5 | grep -qx "genes	20"
	vae-map -q --epochs 2 -m p.h5 "$G/query2.h5ad" -b batch --min-coverage 0.5 -o out.h5ad
}

@test "what cannot be learned from is refused" {
	lognorm -q "$G/ref.h5ad" -o norm.h5ad
	fails 3 "no matrix holds counts" vae-train -g all norm.h5ad -o m.h5
	fails 1 "no column .nothing." vae-train -b nothing -g all "$G/ref.h5ad" -o m.h5
	fails 2 "--dropout" vae-train --dropout 1 "$G/ref.h5ad" -o m.h5
	fails 1 "epoch [0-9]+, step [0-9]+: the loss is not a finite number.* cell [0-9]+ .*gene g[0-9]{3}" vae-train -g all --hidden 8 --rate 1e9 -e 20 "$G/ref.h5ad" -o m.h5
	fails 1 "the loss is not a finite number, nor is any logit: of the [0-9]+ cells of this step cell [0-9]+ has most counts, [0-9]+, and of them [0-9]+ of gene g[0-9]{3}" \
		vae-train -g all --hidden 8 --rate 1e300 -e 5 "$G/ref.h5ad" -o m.h5
	[ ! -e m.h5 ]
}
