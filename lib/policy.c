// SPDX-License-Identifier: GPL-2.0-only
/* What a port may send, in words and as the hooks have it. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "policy.h"
#include "util.h"

#define IPV4_BITS  96     /* of a mapped address before those of IPv4 */
#define LLC        1      /* stands for every ethertype below */
#define ETH_MIN    0x0600 /* below it is a length */
#define ADDR_FORM  "10.0.0.5, 10.0.0.0/24, 2001:db8::5 or 2001:db8::/64"
#define TYPE_NAMES "ipv4, arp, ipv6, rarp, llc, lldp, mpls, eapol"

static const char *const modes[] = {"enforce", "audit"};

static const struct {
	const char *name;
	uint16_t type;
} types[] = {
	{"ipv4", 0x0800}, {"arp", 0x0806},  {"ipv6", 0x86dd}, {"rarp", 0x8035},
	{"llc", LLC},     {"lldp", 0x88cc}, {"mpls", 0x8847}, {"eapol", 0x888e},
};

static const __u8 mapped[12] = {[10] = 0xff, [11] = 0xff};

const char *policy_mode_name(enum policy_mode mode)
{
	return modes[mode];
}

int policy_mode_parse(const char *text, enum policy_mode *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		if (strcmp(modes[i], text))
			continue;
		*out = i;
		return 0;
	}
	return -EINVAL;
}

bool policy_has_mac(const struct policy *policy, const __u8 mac[6])
{
	for (unsigned int i = 0; i < policy->n_macs; i++)
		if (!memcmp(policy->macs[i], mac, 6))
			return true;
	return false;
}

bool policy_has_addr(const struct policy *policy, const struct kvs_guard_addr *addr)
{
	for (unsigned int i = 0; i < policy->n_addrs; i++)
		if (policy->addrs[i].prefixlen == addr->prefixlen &&
		    !memcmp(policy->addrs[i].addr, addr->addr, sizeof(addr->addr)))
			return true;
	return false;
}

int policy_add_mac(struct policy *policy, const char *text, struct err *err)
{
	static const uint8_t zero[6];
	uint8_t mac[6];

	if (mac_parse(text, mac))
		return err_set(err, -EINVAL, "'%.40s' is not a MAC address like 52:54:00:12:34:56",
			       text);
	if (mac[0] & 1 || !memcmp(mac, zero, sizeof(zero)))
		return err_set(err, -EINVAL, "%s is %s, which nobody sends from", text,
			       mac[0] & 1 ? "a group address" : "zero");
	if (policy_has_mac(policy, mac))
		return err_set(err, -EINVAL, "%s is given twice: remove one of the two", text);
	if (policy->n_macs == POLICY_LIST_MAX)
		return err_set(err, -E2BIG, "more than %d MACs: use max-macs", POLICY_LIST_MAX);
	memcpy(policy->macs[policy->n_macs++], mac, sizeof(mac));
	return 0;
}

/* Decimal digits only. */
static bool parse_bits(const char *text, unsigned int max, unsigned int *out)
{
	size_t digits = strspn(text, "0123456789");

	if (!digits || digits > 3 || text[digits] || (*text == '0' && digits > 1))
		return false;
	*out = strtoul(text, NULL, 10);
	return *out <= max;
}

/* false where what is to follow the prefix is not zero */
static bool ends_with(const __u8 addr[16], unsigned int bits)
{
	for (; bits < 128; bits++)
		if (addr[bits / 8] & 0x80 >> bits % 8)
			return false;
	return true;
}

static bool holds_ipv4(const struct kvs_guard_addr *a, unsigned int bits)
{
	for (unsigned int i = 0; i < bits && i < IPV4_BITS; i++)
		if ((a->addr[i / 8] ^ mapped[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

static int check_addr(const struct kvs_guard_addr *a, unsigned int bits, bool is_ipv4,
		      const char *text, struct err *err)
{
	if (!ends_with(a->addr, bits))
		return err_set(
			err, -EINVAL,
			"%s has bits beyond its prefix: give the address without '/', or the prefix alone",
			text);
	if (!is_ipv4 && holds_ipv4(a, bits))
		return err_set(
			err, -EINVAL,
			"%s holds the IPv4 addresses too: write 2000::/3 for all global ones, and IPv4 as such",
			text);
	if (!is_ipv4 && a->addr[0] == 0xff)
		return err_set(err, -EINVAL, "%s is multicast, which nobody sends from", text);
	return 0;
}

static int parse_addr(const char *text, struct kvs_guard_addr *out, struct err *err)
{
	struct kvs_guard_addr a = {};
	char host[INET6_ADDRSTRLEN];
	const char *slash = strchrnul(text, '/');
	size_t n = slash - text;
	bool is_ipv4;
	unsigned int bits;

	snprintf(host, sizeof(host), "%.*s", (int)n, text);
	is_ipv4 = inet_pton(AF_INET, host, a.addr + sizeof(mapped)) == 1;
	bits = is_ipv4 ? 32 : 128;
	if (n >= sizeof(host) || (!is_ipv4 && inet_pton(AF_INET6, host, a.addr) != 1) ||
	    (*slash && !parse_bits(slash + 1, bits, &bits)))
		return err_set(err, -EINVAL, "'%.50s' is not an address or prefix like " ADDR_FORM,
			       text);
	if (is_ipv4) {
		memcpy(a.addr, mapped, sizeof(mapped));
		bits += IPV4_BITS;
	}
	a.prefixlen = 32 + bits;
	*out = a;
	return check_addr(&a, bits, is_ipv4, text, err);
}

int policy_add_addr(struct policy *policy, const char *text, struct err *err)
{
	struct kvs_guard_addr addr;
	int rc = parse_addr(text, &addr, err);

	if (rc)
		return rc;
	if (policy_has_addr(policy, &addr))
		return err_set(err, -EINVAL, "%s is given twice: remove one of the two", text);
	if (policy->n_addrs == POLICY_LIST_MAX)
		return err_set(err, -E2BIG, "more than %d addresses: use prefixes",
			       POLICY_LIST_MAX);
	policy->addrs[policy->n_addrs++] = addr;
	return 0;
}

char *policy_addr_format(const struct kvs_guard_addr *addr, char buf[POLICY_TEXT_LEN])
{
	bool is_ipv4 = !memcmp(addr->addr, mapped, sizeof(mapped));
	unsigned int bits = addr->prefixlen - 32, all = is_ipv4 ? 32 : 128;
	size_t n;

	if (is_ipv4)
		bits -= IPV4_BITS;
	inet_ntop(is_ipv4 ? AF_INET : AF_INET6, addr->addr + (is_ipv4 ? sizeof(mapped) : 0), buf,
		  POLICY_TEXT_LEN);
	n = strlen(buf);
	if (bits < all)
		snprintf(buf + n, POLICY_TEXT_LEN - n, "/%u", bits);
	return buf;
}

int policy_type_parse(const char *text, __be16 *out, struct err *err)
{
	unsigned long type;
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (strcmp(types[i].name, text))
			continue;
		*out = htons(types[i].type);
		return 0;
	}
	type = strtoul(text, &end, 16);
	if (strncmp(text, "0x", 2) || *end || end < text + 4 || type > 0xffff)
		return err_set(err, -EINVAL,
			       "'%.40s' is no ethertype: " TYPE_NAMES
			       ", or hexadecimal like 0x88cc",
			       text);
	if (type < ETH_MIN)
		return err_set(err, -EINVAL, "%s is below 0x0600, which is a length: say llc",
			       text);
	if (type == 0x8100 || type == 0x88a8)
		return err_set(err, -EINVAL, "%s is a VLAN tag: that is what tags is for", text);
	*out = htons(type);
	return 0;
}

char *policy_type_format(__be16 type, char buf[POLICY_TEXT_LEN])
{
	snprintf(buf, POLICY_TEXT_LEN, "0x%04x", ntohs(type));
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (htons(types[i].type) == type)
			snprintf(buf, POLICY_TEXT_LEN, "%s", types[i].name);
	return buf;
}
