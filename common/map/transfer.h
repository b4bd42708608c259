/* transfer.h - labels of a query's cells, from shares of votes to rows of a predictions table.
 *
 * However the votes came (neighbours, anchors, profiles, a tree), a transfer holds for each cell
 * and one column of labels what won, by how much, and how far the cell is from what voted.
 *
 *	struct transfer t;
 *	transfer_start(&t, labels, n_cells);
 *	transfer_by_cells(&t, found, VOTE_ADAPTIVE, pool);
 *	transfer_judge(&t, map_distances);                   // percentiles
 *	transfer_write(&t, names, "atlas", path, pool, &err);
 *	transfer_release(&t);
 */
#ifndef MAP_TRANSFER_H
#define MAP_TRANSFER_H

#include "format/tsv.h"
#include "graph/knn_cross.h"
#include "map/anchors.h"
#include "map/atlas.h"
#include "map/tree/neighbour_votes.h"
#include "map/tree/tree_predict.h"

#define TRANSFER_UNKNOWN "Unknown"

struct transfer {
	const struct atlas_labels *labels;
	size_t n;
	double *shares;       /* n x labels */
	struct vote *votes;   /* n */
	double *knn_distance; /* mean to the neighbours; NULL: none */
	double *knn_pct, *map_pct;
	double *mapping_score;  /* anchors */
	double *probability;    /* that the call is right; NULL: not calibrated for such votes */
	double *reconstruction; /* trees: its error, unless nothing is rejected by it */
	const char **called;    /* trees: what is called instead of a label; else NULL */
	char **path;            /* trees: from below the root down; owned */
	const char **reason;    /* why a cell is Unknown or vague; "" for none */
};

void transfer_start(struct transfer *t, const struct atlas_labels *labels, size_t n);
void transfer_release(struct transfer *t);

/* Neighbours vote. */
void transfer_by_cells(struct transfer *t, const struct knn_cross *found, enum vote_kernel kernel,
		       struct pool *pool);

/*
 * Labels' mean vectors, the nearest wins: shares are to the inverse square of the distance from
 * each. 'points' are unit vectors, n x dims.
 */
void transfer_by_profiles(struct transfer *t, const double *points, size_t dims);

/*
 * Anchors vote: each for the label of its reference cell. The distance is that to the nearest
 * 'k' of the reference's cells, as projected and in unit length; 0: it is not to be told. Their
 * shares are right about as often as they say, and are the probability, but for 0 and 1.
 */
void transfer_by_anchors(struct transfer *t, const struct anchors *anchors, size_t k);

/*
 * Votes down a tree of the labels, which is borrowed: a cell is called its node's name, or Unknown
 * at the root, with the reason: "unlike" (the atlas's components do not make it up: reconstruction.h),
 * "far" (from its nearest), "rejected" (no child of the root has half of the votes), or "partial"
 * (called by an inner node).
 */
struct tree_road {
	const struct label_tree *tree;
	size_t k;
	double max_distance; /* NaN: to be measured among the atlas's cells; filled in */
	double percent;      /* of the atlas's own cells that may be unlike it; 0: none is */
	double threshold;    /* filled in: of the reconstruction's error; NaN for none */
};

/*
 * The tree in the file 'path', or with "ref" the atlas's own, of its first column of labels: then
 * 'max_distance' is filled in, where it was measured with k neighbours by that metric. The caller frees
 * it, and keeps it as long as the calls, which are names of its nodes. NULL on failure.
 */
struct label_tree *tree_road_read(struct tree_road *road, const struct atlas *a, const char *path,
				  bool cosine, struct err *err) MUST_USE;

int transfer_by_tree(struct transfer *t, const struct atlas *atlas, const double *query,
		     struct tree_road *road, struct pool *pool, struct err *err) MUST_USE;

/* Probabilities of calls by cells, when the reference has learnt what such shares are worth. */
void transfer_be_sure(struct transfer *t);

/* Percentiles of knn_distance, and of 'map_distance' unless NULL, for the label called. */
void transfer_judge(struct transfer *t, const double *map_distance);

/* A predictions table (calls/calls.h) with our columns behind; and all shares. */
int transfer_write(const struct transfer *t, char *const *cells, const char *model,
		   const char *path, struct pool *pool, struct err *err) MUST_USE;
int transfer_write_shares(const struct transfer *t, char *const *cells, const char *path,
			  struct err *err) MUST_USE;

#endif
