#include "tools/client/settings.h"

#include "eventlog/base/origin.h"
#include "tools/client/machine.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>

namespace slipway {

namespace {

using Environment = std::function<std::string(const std::string&)>;

struct Found {
    std::string path;
    std::string url;
    std::string token;
    std::string team;
    std::string ca_file;
};

std::string settings_path(const Environment& environment) {
    const std::string config = environment("XDG_CONFIG_HOME");
    if (!config.empty()) return config + "/slipway/config.json";
    const std::string home = environment("HOME");
    return home.empty() ? "" : home + "/.config/slipway/config.json";
}

void warn_of_readers(const std::string& path, Settings& settings) {
    if (!is_readable_by_others(path)) return;
    settings.warnings.push_back(path + ": others may read it, and it holds a token: chmod 600 " +
                                path);
}

std::variant<Found, Failure> read_found(const std::string& path) {
    if (path.empty() || !std::filesystem::exists(path)) return Found{};
    const auto text = read_input(path);
    if (!text) return Failure{kUsage, text.error().message};
    const auto json = nlohmann::json::parse(*text, nullptr, false);
    if (!json.is_object()) return Failure{kUsage, path + ": is no JSON object"};
    Found found{path, {}, {}, {}, {}};
    for (const auto& [name, value] : json.items()) {
        std::string* const field = name == "url"       ? &found.url
                                   : name == "token"   ? &found.token
                                   : name == "team"    ? &found.team
                                   : name == "ca_file" ? &found.ca_file
                                                       : nullptr;
        if (field == nullptr || !value.is_string()) {
            return Failure{kUsage, path + ": \"" + name +
                                       "\" is not accepted; url, token, team and ca_file are, as "
                                       "strings"};
        }
        *field = value.get<std::string>();
    }
    return found;
}

std::string without_end(std::string text, std::string_view characters) {
    const auto last = text.find_last_not_of(characters);
    text.resize(last == std::string::npos ? 0 : last + 1);
    return text;
}

// libcurl would say it of each request, and not what is accepted.
std::optional<Failure> flaw_of_ca_file(const std::string& path) {
    if (path.empty()) return std::nullopt;
    const auto text = read_input(path);
    if (!text) return Failure{kUsage, "--ca-file: " + text.error().message};
    if (text->find("-----BEGIN CERTIFICATE-----") != std::string::npos) return std::nullopt;
    return Failure{kUsage, "--ca-file: " + path +
                               " holds no certificate as PEM (-----BEGIN CERTIFICATE-----)"};
}

// Whether what is sent there can be read on the way.
bool is_plain_and_remote(const std::string& url) {
    if (!url.starts_with("http://")) return false;
    const std::string host = url.substr(7, url.find_first_of("/?#", 7) - 7);
    const std::string name = host.substr(0, host.find(':', host.starts_with('[') ? 5 : 0));
    const bool in_127 =
        name.starts_with("127.") && name.find_first_not_of("0123456789.") == std::string::npos;
    return !in_127 && name != "localhost" && name != "[::1]";
}

}  // namespace

std::variant<Settings, Failure> read_settings(const Values& values,
                                              const Environment& environment) {
    Settings settings;
    auto read = read_found(settings_path(environment));
    if (auto* const failure = std::get_if<Failure>(&read)) return std::move(*failure);
    const Found& found = std::get<Found>(read);
    const auto choose = [&](std::string_view option, const char* variable,
                            const std::string& otherwise) {
        if (!first_value(values, option).empty()) return first_value(values, option);
        const std::string set = environment(variable);
        return set.empty() ? otherwise : set;
    };
    // A token that was saved without an address is for the server on this machine.
    const std::string saved_url = found.url.empty() ? settings.url : without_end(found.url, "/");
    settings.team = choose("team", "SLIPWAY_TEAM", found.team);
    settings.url = without_end(choose("url", "SLIPWAY_URL", saved_url), "/");
    if (!settings.url.starts_with("http://") && !settings.url.starts_with("https://")) {
        return Failure{kUsage, "--url: is " + settings.url + "; http:// or https:// and a host"};
    }
    settings.ca_file = choose("ca-file", "SLIPWAY_CA_FILE", found.ca_file);
    if (const auto flaw = flaw_of_ca_file(settings.ca_file)) return *flaw;
    if (const std::string& path = first_value(values, "token-file"); !path.empty()) {
        const auto text = read_input(path);
        if (!text) return Failure{kUsage, "--token-file: " + text.error().message};
        settings.token = without_end(*text, " \t\r\n");
        warn_of_readers(path, settings);
    } else if (settings.token = environment("SLIPWAY_TOKEN"); !settings.token.empty()) {
        const std::string bound_to = environment("SLIPWAY_URL");
        if (!bound_to.empty() && origin_of(bound_to) != origin_of(settings.url)) {
            return Failure{kUsage, "SLIPWAY_TOKEN is for SLIPWAY_URL (" + bound_to +
                                       ") and is not sent to " + settings.url +
                                       "; set both of them for that server"};
        }
    } else if (!found.token.empty()) {
        warn_of_readers(found.path, settings);
        if (origin_of(saved_url) == origin_of(settings.url)) {
            settings.token = found.token;
        } else {
            settings.warnings.push_back("the token in " + found.path + " is for " + saved_url +
                                        " and is not sent to " + settings.url);
        }
    }
    if (!settings.token.empty() && is_plain_and_remote(settings.url)) {
        settings.warnings.push_back("the token goes to " + settings.url +
                                    " readable for everyone on the way: use https://");
    }
    return settings;
}

}  // namespace slipway
