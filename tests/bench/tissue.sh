# Domains of generated tissues: ten principal components against ten parts (nmf), each smoothed over the
# tissue and mixed with it; adjusted Rand index to the truth, and how often near cells share a domain.
space='--neighbors 15 --spatial spatial --radius 25:2.5,80:1 --diffuse 0.6:2'
for kind in layers discs; do
	for seed in 1 2 3; do
		tissue=$DATA_FOLDER/tissue-$kind-$seed
		[ -e "$tissue.h5ad" ] || "$PYTHON" -W ignore "$PEER_SCRIPTS/tissue.py" make $seed $kind "$tissue.h5ad"
		# shellcheck disable=SC2086
		knn-graph -q --pcs 10 $space "$tissue.h5ad" | overcluster -q --resolution 0.4 -o "$tissue.pca.tsv"
		# shellcheck disable=SC2086
		nmf -q "$tissue.h5ad" | knn-graph -q --use X_nmf $space | overcluster -q --resolution 0.4 -o "$tissue.nmf.tsv"
		for how in pca nmf; do
			echo "| domains, $kind $seed, $how: index, shared | $("$PYTHON" -W ignore "$PEER_SCRIPTS/tissue.py" score \
				"$tissue.h5ad" "$tissue.$how.tsv" | tr '\t' ' ') | | | |"
		done
	done
done
