// SPDX-License-Identifier: GPL-2.0-only
/* lib/config*.c: any file is read whole or refused with a reason, and what was read can be asked.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask(const struct config *config)
{
	struct port_settings set;
	struct policy policy;
	const char *switch_;

	config_port_settings(config, "vm1", &set, &switch_);
	config_switch_netfilter(config, "br0");
	config_port_guard(config, "vm1", &policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("kvs.yaml", MFD_CLOEXEC);
	struct config *config = NULL;
	struct err err = {};
	char path[64];
	int rc;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	rc = config_load(path, &config, &err);
	if (rc > 0 || !rc != !!config || (rc && !err.text[0]))
		abort();
	if (config)
		ask(config);
	config_free(config);
	close(fd);
	return 0;
}
