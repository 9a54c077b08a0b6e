/* SPDX-License-Identifier: GPL-2.0-only */
/* The tables of the verbs for completion/kvs. */
#pragma once

#include <stdio.h>

#include "args.h"

/* A line per subverb: "VERB SUBVERB --option=words IF=@port --flag", SUBVERB "-" where there is
 * none. The first line, of verb "-", has the options every verb takes.
 */
void complete_print(FILE *out, const struct verb *verbs);
