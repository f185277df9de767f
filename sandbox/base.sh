#!/usr/bin/env bash
# Builds the base image from Debian's packages, for hosts that reach a Debian mirror and no registry of images:
#   sandbox/base.sh [--force] [MIRROR]
# The Dockerfile then takes it as BASE=codeeff-base:bookworm. An image that is already there is kept unless --force.
set -euo pipefail
tag=codeeff-base:bookworm suite=bookworm mirror=http://deb.debian.org/debian force=
security=http://deb.debian.org/debian-security
for word in "$@"; do
    case $word in
        --force) force=1 ;;
        -*) echo "usage: $0 [--force] [MIRROR]" >&2; exit 2 ;;
        *) mirror=$word ;;
    esac
done
die() { echo "base.sh: $*" >&2; exit 1; }
command -v docker >/dev/null || die "no docker command on PATH; install it with: apt-get install docker.io"
said=$(docker info 2>&1 >/dev/null) || die "no docker engine answers: $said"
[ -n "$force" ] || ! docker image inspect "$tag" >/dev/null 2>&1 || { echo "$tag is there already"; exit 0; }
[ "$(id -u)" = 0 ] || die "debootstrap needs root; run: sudo $0 $*"
command -v debootstrap >/dev/null || die "no debootstrap on PATH; install it with: apt-get install debootstrap"

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root
debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; die "debootstrap failed on $mirror; its last lines are above"; }
cat >"$root/etc/apt/sources.list" <<END
deb $mirror $suite main
deb $mirror $suite-updates main
deb $security $suite-security main
END
# What differs from one run to the next, belongs to this host, or serves nobody in a box.
cd "$root"
rm -rf var/lib/apt/lists/* var/cache/apt/*.bin var/cache/apt/archives/*.deb var/cache/ldconfig/* var/log/*.log \
    var/log/apt/* etc/machine-id var/lib/dbus/machine-id etc/hostname etc/resolv.conf etc/*- var/lib/dpkg/*-old \
    usr/share/doc usr/share/man usr/share/info usr/share/locale tmp/* dev
mkdir -m 755 dev
# One moment for every file, so that the same packages give the same archive: that of Debian's last release.
moment=$(stat -c %Y usr/lib/os-release)
tar --create --sort=name --numeric-owner --mtime="@$moment" --exclude='./proc/*' --exclude='./sys/*' . |
    docker import --change 'CMD ["bash"]' --message "debootstrap $suite" - "$tag" >/dev/null
echo "$tag: Debian $(cat etc/debian_version) from $mirror"
