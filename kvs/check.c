// SPDX-License-Identifier: GPL-2.0-only
/* kvs check: is a configuration file what kvsd accepts? */
#include "cli.h"
#include "config.h"
#include "verbs.h"

static int check(const struct cli *cli, struct err *err)
{
	const char *file = cli_value(cli, "FILE");
	struct config *config = NULL;
	int r = config_load(file, &config, err);

	if (r)
		return r;
	config_free(config);
	fprintf(cli->out, "%s: ok\n", file);
	return 0;
}

static const struct arg check_args[] = {
	{"FILE", TYPE_FILE, ARG_REQUIRED, NULL, "the configuration file"},
	{},
};

const struct command check_commands[] = {
	{NULL, check, check_args,
	 "Check a configuration file as kvsd would, naming file, line and key of an error.",
	 "kvs check /etc/kvs/kvs.yaml"},
	{},
};
