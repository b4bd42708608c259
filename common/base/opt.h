/* opt.h - a tool's options as a table.
 *
 * One table per tool gives parsing, validation, --help, the check that the man page agrees,
 * and shell completion.
 *
 *	static const struct opt options[] = {
 *		OPT_FLOAT("target-sum", 0, target_sum, "N", "scale every cell to N counts (10000)"),
 *		OPT_TEXT("slot", 0, slot, "SLOT", "matrix to read: auto, X, raw (auto)"),
 *		OPT_OUTPUT(output),
 *		OPT_THREADS,
 *		OPT_MANIFEST,
 *		OPT_END,
 *	};
 *	static const struct opt_usage usage = {
 *		.summary = "turn counts into log1p of counts per 10,000",
 *		.synopsis = "[OPTIONS] [INPUT] [-o OUTPUT]",
 *		.options = options, .max_inputs = 1,
 *	};
 *	struct inputs in = opt_parse(&usage, argc, argv);
 *
 * The macros point into one static 'struct opts o' of the tool's file (choices only). Options and
 * inputs may come in any order; "--" ends options; "-" is an input; --name=value and --name value
 * are the same; an unambiguous prefix of a long name is not accepted. -h/--help, --version and
 * -q/--quiet are added to every table. Wrong usage prints one line that names the nearest option
 * and exits with 2.
 */
#ifndef BASE_OPT_H
#define BASE_OPT_H

#include "base/util.h"

enum opt_kind {
	OPT_KIND_END,
	OPT_KIND_FLAG,   /* bool */
	OPT_KIND_TEXT,   /* const char * */
	OPT_KIND_SIZE,   /* size_t */
	OPT_KIND_BYTES,  /* size_t, with k, M, G */
	OPT_KIND_INT,    /* int64_t */
	OPT_KIND_FLOAT,  /* double, finite */
	OPT_KIND_LIST,   /* struct opt_list: may be given again, each time one more */
	OPT_KIND_CHOICE, /* const char *, one of 'choices' */
};

struct opt {
	enum opt_kind kind;
	char short_name; /* 0 when it has none */
	const char *name;
	void *value;
	const char *argument;       /* its name in the help; NULL for flags */
	const char *help;           /* one phrase; the default in parentheses at the end */
	const char *const *choices; /* NULL-terminated, for OPT_KIND_CHOICE */
};

struct opt_list {
	const char **items;
	size_t n, cap;
};

struct opt_usage {
	const char *summary; /* a verb phrase */
	const char *synopsis;
	const struct opt *options;
	size_t max_inputs;   /* SIZE_MAX for any number */
	const char *details; /* a paragraph under the options, or NULL */
};

struct inputs {
	const char *const *paths; /* as in argv; at least one: "-" when none is given */
	size_t n;                 /* as given: 0 when none */
};

/* One row of the table, of OPT_KIND_'kind_'; what else it has is given by field. */
#define OPT_(kind_, long_, short_, variable_, ...)                                                 \
	{                                                                                          \
		.kind = OPT_KIND_##kind_, .short_name = short_, .name = long_, .value = variable_, \
		__VA_ARGS__                                                                        \
	}
/* Rows that set a field of the tool's 'o'. */
#define OPT_FLAG(long_, short_, field, help_) OPT_(FLAG, long_, short_, &o.field, .help = help_)
#define OPT_TEXT(long_, short_, field, arg_, help_) \
	OPT_(TEXT, long_, short_, &o.field, .argument = arg_, .help = help_)
#define OPT_SIZE(long_, short_, field, arg_, help_) \
	OPT_(SIZE, long_, short_, &o.field, .argument = arg_, .help = help_)
#define OPT_BYTES(long_, short_, field, arg_, help_) \
	OPT_(BYTES, long_, short_, &o.field, .argument = arg_, .help = help_)
#define OPT_INT(long_, short_, field, arg_, help_) \
	OPT_(INT, long_, short_, &o.field, .argument = arg_, .help = help_)
#define OPT_FLOAT(long_, short_, field, arg_, help_) \
	OPT_(FLOAT, long_, short_, &o.field, .argument = arg_, .help = help_)
#define OPT_LIST(long_, short_, field, arg_, help_) \
	OPT_(LIST, long_, short_, &o.field, .argument = arg_, .help = help_)
#define OPT_CHOICE(long_, short_, field, arg_, help_, choices_) \
	OPT_(CHOICE, long_, short_, &o.field, .argument = arg_, .help = help_, .choices = choices_)
/* Rows that several tools have. */
#define OPT_OUTPUT(field) OPT_TEXT("output", 'o', field, "FILE", "write here (standard output)")
#define OPT_COMPRESS(field)                                                             \
	OPT_CHOICE("compress", 'z', field, "HOW",                                       \
		   "of the matrices written: none, gzip, gzip:1 to gzip:9, lzf (none)", \
		   opt_compressions)
#define OPT_SEED(field) OPT_SIZE("seed", 0, field, "N", "seed of the random choices (42)")
#define OPT_THREADS                                                \
	OPT_(SIZE, "threads", 't', &tool_threads, .argument = "N", \
	     .help = "threads (the cores there are)")
#define OPT_MANIFEST                                                                     \
	OPT_(TEXT, "manifest", 0, &tool_manifest, .argument = "FILE",                    \
	     .help = "write what was done as JSON"),                                     \
		OPT_(CHOICE, "manifest-hash", 0, &tool_manifest_hash, .argument = "HOW", \
		     .help = "none, size or sha256 of inputs and outputs (sha256)",      \
		     .choices = tool_hash_choices)
/* What every filter that writes an h5ad has. */
#define OPT_H5AD_FILTER(output, compress) \
	OPT_OUTPUT(output), OPT_COMPRESS(compress), OPT_THREADS, OPT_MANIFEST
#define OPT_END                      \
	{                            \
		.kind = OPT_KIND_END \
	}

extern size_t tool_threads;
extern const char *tool_manifest, *tool_manifest_hash;
extern const char *const opt_compressions[];
extern const char *const tool_hash_choices[];

/*
 * Which of the choices a value is, counted from 0; SIZE_MAX when it is none of them, which no value
 * of an OPT_CHOICE is. Lists of choices stand in the order of the enumeration they are read into.
 */
size_t opt_choice_of(const char *const *choices, const char *value);

/*
 * For tools whose first input is a verb: which of 'verbs' it is, an array of 'n' structs of 'size'
 * bytes that each begin with the verb's name. Wrong usage if none, as with options.
 */
size_t opt_verb(const struct inputs *in, const void *verbs, size_t n, size_t size);

/* The inputs' array is borrowed: tool_end frees it. */
struct inputs opt_parse(const struct opt_usage *usage, int argc, char **argv);

/* Free what opt_parse made: the inputs' array and the lists' items. For tool_end. */
void opt_release(void);

#endif
