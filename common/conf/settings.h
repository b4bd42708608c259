/* settings.h - the keys of a config that are options of a filter or switch a step, as one table.
 *
 * A new option of a filter becomes a key by one row in settings.c:
 *
 *	{"gate", "min_margin", SETTING_SHARE, "--min-margin", NULL},
 *
 * A section is the word that steps.tsv names in its column of options. A row without an option is
 * for the list of steps to use, as {SECTION.KEY}: of kind SETTING_SWITCH it says whether there is a
 * step at all. "use" switches the section itself, which is then {SECTION}, and may be given as
 * "vote: yes". conf-mk --keys lists the table, and tests/lint holds it against the filters' own.
 */
#ifndef CONF_SETTINGS_H
#define CONF_SETTINGS_H

#include "base/util.h"

enum setting_kind {
	SETTING_FLAG,     /* yes or no: the option, or not */
	SETTING_SWITCH,   /* yes or no, not an option; 'choices' is what it is by itself */
	SETTING_SIZE,     /* a whole number from 0 up */
	SETTING_NUMBER,   /* any number */
	SETTING_POSITIVE, /* a number above 0, or one of the choices */
	SETTING_SHARE,    /* a number from 0 to 1 */
	SETTING_TEXT,     /* a column, a label and the like: quoted where the shell needs it */
	SETTING_PATH,     /* a file that is there: a step that takes it hangs on it */
	SETTING_CHOICE,   /* one of the choices */
};

struct setting {
	const char *section; /* "train" */
	const char *key;     /* "feature_selection" */
	enum setting_kind kind;
	const char *option;  /* "--feature-selection", or NULL */
	const char *choices; /* "lbfgs sgd" */
};

extern const struct setting settings[];
extern const size_t n_settings;

/* The number of a setting, SIZE_MAX when there is none. Names need not end where 'len' says. */
size_t setting_find(const char *section, size_t section_len, const char *key);

/* The name of a kind, for lists. */
const char *setting_kind_name(enum setting_kind kind);

#endif
