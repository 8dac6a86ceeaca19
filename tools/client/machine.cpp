#include "tools/client/machine.h"

#include "eventlog/base/check.h"
#include "eventlog/base/digest.h"

#include <sys/random.h>

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

namespace slipway {

namespace {

namespace fs = std::filesystem;

std::optional<std::string> environment(const char* name) {
    const char* const value = std::getenv(name);
    if (value == nullptr) return std::nullopt;
    return value;
}

void set_tz(const std::optional<std::string>& value) {
    if (value) {
        ::setenv("TZ", value->c_str(), 1);
    } else {
        ::unsetenv("TZ");
    }
    ::tzset();
}

}  // namespace

Instant machine_now() {
    return date::floor<Millis>(std::chrono::system_clock::now());
}

void machine_pause(Millis duration) {
    std::this_thread::sleep_for(duration);
}

void machine_end_on_interrupt() {
    std::signal(SIGINT, [](int) { std::_Exit(0); });
}

std::optional<ZoneGuess> machine_zone() {
    std::error_code none;
    ZoneHints hints{environment("TZ"), fs::read_symlink("/etc/localtime", none), {}};
    if (auto written = read_input("/etc/timezone")) hints.timezone_file = std::move(*written);
    auto guess = guess_zone(hints);
    if (guess && !machine_offset_at(guess->zone, Instant{})) return std::nullopt;
    return guess;
}

std::optional<Seconds> machine_offset_at(const std::string& zone, Instant at) {
    // The C library takes a zone that it does not know for UTC.
    const bool is_path = zone.empty() || zone.front() == '/' || zone.find("..") != zone.npos;
    std::error_code none;  // a name may be too long for a file's
    if (is_path || !fs::is_regular_file("/usr/share/zoneinfo/" + zone, none)) return std::nullopt;
    const auto before = environment("TZ");
    set_tz(":" + zone);
    const std::time_t seconds = date::floor<Seconds>(at).time_since_epoch().count();
    std::tm fields{};
    const bool known = ::localtime_r(&seconds, &fields) != nullptr;
    set_tz(before);
    if (!known) return std::nullopt;
    return Seconds{fields.tm_gmtoff};
}

std::string machine_random_key() {
    std::string bytes(16, '\0');
    const auto filled = ::getrandom(bytes.data(), bytes.size(), 0);
    CHECK(filled == static_cast<ssize_t>(bytes.size()));
    return hex_of(bytes);
}

std::string machine_environment(const std::string& name) {
    return environment(name.c_str()).value_or("");
}

Result<std::string> read_input(const std::string& path) {
    constexpr std::size_t kFileBytesMax = 1 << 20;
    std::ifstream opened;
    if (path != "-") opened.open(path, std::ios::binary);
    std::istream& in = path == "-" ? std::cin : opened;
    if (!in || fs::is_directory(path))
        return Error{ErrorCode::not_found, path + ": there is no such file to read"};
    std::string text{std::istreambuf_iterator<char>{in}, {}};
    if (in.bad()) return Error{ErrorCode::io, path + ": it cannot be read"};
    if (text.size() > kFileBytesMax) {
        return Error{ErrorCode::invalid,
                     path + ": has " + std::to_string(text.size()) + " bytes; 1 MiB at most"};
    }
    return text;
}

bool is_readable_by_others(const std::string& path) {
    std::error_code none;
    const auto mode = fs::status(path, none).permissions();
    return !none && (mode & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none;
}

}  // namespace slipway
