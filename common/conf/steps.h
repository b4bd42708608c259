/* steps.h - the steps that a config wants: the rows of workflows/steps.tsv, filled in.
 *
 * The table says what every column is. A row is a step of the pipeline; there is one step of it
 * for each reference, query, model or shard that it is of, when its conditions hold:
 *
 *	struct steps_wanted wanted = {"workflows/steps.tsv"};
 *	struct steps *steps = steps_plan(config, &wanted, err);
 *	for (size_t i = 0; i < steps->n; i++)
 *		puts(steps->all[i].name);       // "predict.sample.trained"
 *	steps_free(steps);
 *
 * Steps come in the order of the rows, so what a step reads is made by steps before it. No two of
 * them have one name or write one file: a plan that would is an error that names both.
 *
 * Texts that name files of the run have STEP_RUN where the run's folder goes, commands also
 * STEP_THREADS; steps_text puts them in.
 */
#ifndef CONF_STEPS_H
#define CONF_STEPS_H

#include "base/text.h"
#include "conf/config.h"

#define STEP_RUN '\1'
#define STEP_THREADS '\2'

/* What steps are of. */
enum noun { NOUN_REFERENCE, NOUN_QUERY, NOUN_MODEL, NOUN_SHARD, N_NOUNS };
extern const char *const noun_names[N_NOUNS];

struct step_words {
	const char **items;
	size_t n, cap;
};

struct step_row {
	char *name, *when, *inputs, *outputs, *options, *where, *command;
	size_t threads;
	enum noun of[N_NOUNS]; /* in the order of the table; n_of of them */
	size_t n_of;
	size_t line; /* in the table */
};

struct step {
	const struct step_row *row;
	const char *name;           /* predict.QUERY.MODEL */
	const char *of[N_NOUNS];    /* names of what it is of; NULL for the rest */
	struct step_words inputs;   /* files that other steps make */
	struct step_words sources;  /* files from elsewhere */
	struct step_words outputs;  /* the first is what others wait for */
	struct step_words patterns; /* the same for every step of its row: "typed/{query}.tsv" */
	bool reads_manifests;       /* of all others: it comes last */
	const char *command;        /* for a shell */
	const char *manifest;       /* where it is to be written */
};

struct steps {
	struct step_row *rows;
	size_t n_rows, cap_rows;
	struct step *all;
	size_t n, cap;
	const char *table;
	struct arena arena;
};

struct steps_wanted {
	const char *table; /* the file */
	size_t n_shards;   /* of each query; 0 or 1: predict it whole */
	bool far_clusters; /* make clusters to tell unknown types by */
};

/* NULL with 'err' naming the line of the table, or the steps that clash. Borrows the config. */
struct steps *steps_plan(const struct config *c, const struct steps_wanted *wanted,
			 struct err *err) MUST_USE;
void steps_free(struct steps *s); /* NULL is fine */

/* Append a text with the run's folder, and with what stands for threads, put in. */
void steps_text(struct text *t, const char *s, const char *run, const char *threads);

/*
 * What a step's outputs hang on beside its inputs, as one line: its command, and path, size and
 * time of each source. It stays the same wherever the run's folder is.
 */
int step_stamp(struct text *t, const struct step *step, struct err *err) MUST_USE;

#endif
