// SPDX-License-Identifier: GPL-2.0-only
/* kvs reload: have kvsd read its configuration again. */
#include "request.h"
#include "verbs.h"

static int reload(const struct cli *cli, struct err *err)
{
	return request_send(cli, "POST", "/v1/reload", NULL, err);
}

static const struct arg reload_args[] = {{}};

const struct command reload_commands[] = {
	{NULL, reload, reload_args,
	 "Have kvsd read its configuration file again and apply what has changed.", "kvs reload"},
	{},
};
