/* settings.h - the keys of a config that are options of a filter, as one table.
 *
 * A new option of a filter becomes a key by one row here (and a line in conf-mk.1).
 */
#ifndef CONF_SETTINGS_H
#define CONF_SETTINGS_H

#include "base/util.h"

enum setting_kind {
	SETTING_FLAG,
	SETTING_SIZE,
	SETTING_NUMBER,
	SETTING_POSITIVE, /* a number above 0, or one of the choices */
	SETTING_SHARE,    /* a number from 0 to 1 */
	SETTING_TEXT,
	SETTING_CHOICE,
};

struct setting {
	const char *section; /* the step: "train" */
	const char *key;     /* "feature_selection" */
	enum setting_kind kind;
	const char *option;  /* "--feature-selection" */
	const char *choices; /* "lbfgs sgd" */
};

#define N_SETTINGS 43
extern const struct setting settings[N_SETTINGS];

/* Steps that have settings, and with them a parameter file; NULL-terminated. */
extern const char *const setting_sections[];

#endif
