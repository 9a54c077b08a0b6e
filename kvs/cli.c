// SPDX-License-Identifier: GPL-2.0-only
/* One run of kvs, from the words of the command line to its exit code. */
#include <errno.h>
#include <string.h>

#include "cli.h"
#include "complete.h"
#include "help.h"
#include "verbs.h"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2 };

const char *cli_value(const struct cli *cli, const char *name)
{
	return args_value(&cli->args, name);
}

static int usage_error(const struct cli *cli, const struct err *err)
{
	fprintf(cli->log, "kvs: %s\n", err->text);
	help_usage(cli->log, cli->args.verb, cli->args.command);
	return EXIT_USAGE;
}

/* A full disk or a closed pipe must not look like success. */
static int flush(const struct cli *cli)
{
	if (!fflush(cli->out) && !ferror(cli->out))
		return 0;
	fprintf(cli->log, "kvs: cannot write the output: %s\n", strerror(errno));
	return EXIT_REFUSED;
}

static int run(const struct cli *cli)
{
	struct err err = {};
	int r = cli->args.command->run(cli, &err);

	if (!r)
		return flush(cli);
	fflush(cli->out);
	fprintf(cli->log, "kvs: %s\n", err.text[0] ? err.text : strerror(-r));
	return EXIT_REFUSED;
}

int cli_run(struct cli *cli, int argc, char **argv)
{
	struct err err = {};
	const char *run_dir;

	if (args_parse(&cli->args, verbs_table, argc, argv, &err))
		return usage_error(cli, &err);
	run_dir = cli_value(cli, "--run-dir");
	if (run_dir)
		cli->run_dir = run_dir;
	if (cli_value(cli, "--help"))
		help_print(cli->out, cli->args.verb, cli->args.command);
	else if (cli_value(cli, "--version"))
		fprintf(cli->out, "kvs %s\n", KVS_VERSION);
	else if (cli_value(cli, "--commands"))
		complete_print(cli->out, verbs_table);
	else
		return run(cli);
	return flush(cli);
}
