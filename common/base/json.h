/* json.h - writing JSON, indented, keys in the order given.
 *
 *	struct json j = json_start(file);
 *	json_open_object(&j, NULL);
 *	json_str(&j, "tool", "lognorm");
 *	json_open_array(&j, "inputs"); ... json_close(&j);
 *	json_close(&j);
 *
 * 'key' is NULL inside arrays and at the top. Text that is not UTF-8 has its bad bytes replaced
 * by U+FFFD. NaN and infinity become null.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/util.h"

struct json {
	FILE *file;
	int depth;
	bool first;
	char closers[64];
};

struct json json_start(FILE *file);
void json_open_object(struct json *j, const char *key);
void json_open_array(struct json *j, const char *key);
void json_close(struct json *j); /* the innermost object or array */
void json_str(struct json *j, const char *key, const char *value);
void json_size(struct json *j, const char *key, uint64_t value);
void json_double(struct json *j, const char *key, double value);
void json_bool(struct json *j, const char *key, bool value);

#endif
