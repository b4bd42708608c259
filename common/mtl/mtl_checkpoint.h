/* mtl_checkpoint.h - a multi-task mapper half learned, in a file, to go on from.
 *
 *	/            attributes format "pipette-mtl-checkpoint", format_version 1
 *	/run         a text that stands for data, options and seed: another run's is refused
 *	/steps       of the optimiser
 *	/epochs      epochs x (loss, validation; 0 where nothing is held out)
 *	/params/I    value, first, second: 3 x numbers, in the order of mtl_params
 *
 *	struct mtl_checkpoint c = {.model = m, .run = run, .adam = &adam};
 *	int found = mtl_checkpoint_read("half.h5", &c, err);      // 1: there is none, -1: not this run's
 *	mtl_checkpoint_write("half.h5", &c, err)                  // whole or not at all
 *	free(c.epochs);
 *
 * What follows from data and options is not in it. Training that goes on from one ends with the
 * bytes of training that was never interrupted.
 */
#ifndef MTL_MTL_CHECKPOINT_H
#define MTL_MTL_CHECKPOINT_H

#include "mtl/mtl_model.h"

struct mtl_checkpoint {
	struct mtl *model;   /* its params, all of them to be trained; borrowed */
	const char *run;     /* borrowed */
	struct adam *adam;   /* its steps; borrowed */
	double (*epochs)[2]; /* loss and validation of each done; reading allocates */
	size_t n_epochs;
};

int mtl_checkpoint_write(const char *path, const struct mtl_checkpoint *c,
			 struct err *err) MUST_USE;

/* 0 when it was read, 1 when there is no such file, -1 on failure, or when it is another run's. */
int mtl_checkpoint_read(const char *path, struct mtl_checkpoint *c, struct err *err) MUST_USE;

#endif
