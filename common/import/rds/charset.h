/* charset.h - text of other encodings to UTF-8.
 *
 * R marks a string as UTF-8, latin1 or bytes, or leaves it in the native encoding of the session
 * that wrote it, which version 3 files name. latin1 is read as Windows-1252, of which it is a
 * part, because that is what R on Windows means by it. What cannot be right in the encoding it
 * claims is read as Windows-1252 too: a wrong accent is better than a lost column.
 *
 *	struct text out = TEXT_INIT;
 *	charset_to_utf8(&out, "caf\351", 4, "latin1");              // "café"
 */
#ifndef IMPORT_RDS_CHARSET_H
#define IMPORT_RDS_CHARSET_H

#include "base/text.h"

/* Append bytes[0..n) of 'charset' to 'out' as UTF-8. "" is unknown. */
void charset_to_utf8(struct text *out, const char *bytes, size_t n, const char *charset);

#endif
