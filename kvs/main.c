// SPDX-License-Identifier: GPL-2.0-only
/* kvs: shows and changes what kvsd does. */
#include <locale.h>

#include "cli.h"

int main(int argc, char **argv)
{
	struct cli cli = {
		.run_dir = "/run/kvs",
		.out = stdout,
		.log = stderr,
	};

	setlocale(LC_CTYPE, "");
	return cli_run(&cli, argc - 1, argv + 1);
}
