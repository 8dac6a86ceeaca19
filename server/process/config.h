// The settings of a server, gathered. Each component declares its own beside itself; here is what
// the command line and the environment can say.

#pragma once

#include "eventlog/log/disk_room.h"
#include "server/domain/quotas.h"
#include "server/engine/attempt_shares.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace slipway {

struct Config {
    std::filesystem::path data;
    bool create = false;                    // a new installation may be made there
    std::string listen = "127.0.0.1:8080";  // an IP address and a port; [::1]:8080, too
    std::filesystem::path zoneinfo = "/usr/share/zoneinfo";
    std::uint32_t zoneinfo_seconds = 60;  // between two looks at it
    // What targets call back and clients are pointed to; empty: the address that is listened on.
    std::string public_url;
    std::vector<std::string> cors_origins;  // whose pages may use the API from a browser
    bool allow_http_targets = false;
    bool allow_private_targets = false;
    bool allow_remote_plain_http = false;
    std::filesystem::path tls_certificate;  // PEM; empty: plain HTTP
    std::filesystem::path tls_key;
    bool public_metrics = false;
    std::string oidc_issuer;       // whose tokens are good here too; empty: nobody's
    std::string oidc_jwks_url;     // where its keys are; empty: the issuer is asked
    std::string oidc_audience;     // what "aud" of its tokens names
    std::string oidc_admin_claim;  // NAME=VALUE of what makes an admin; empty: nothing does
    bool allow_http_issuer = false;
    std::uint32_t rate_per_token = 0;  // requests a second; 0: as many as one likes
    std::uint32_t rate_per_team = 0;
    std::string machine;  // empty: the machine's own id
    // Keeps how far the log was durable, outside of `data`; empty: no file does.
    std::filesystem::path high_water_file;
    std::filesystem::path backups;  // where they are put; empty: there are none
    std::uint64_t disk_reserve_mib = kDiskReserveLeast / 1024 / 1024;
    std::uint64_t snapshot_every = 100'000;  // events; 0: there are none
    std::uint32_t drain_seconds = 30;
    Quotas quotas;
    AttemptLimits attempts;
};

}  // namespace slipway
