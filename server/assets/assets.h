// The files that the binary carries for the API: its description and the page that shows it. They
// are embedded when it is built, and never change while it runs.

#pragma once

#include <span>
#include <string_view>

namespace slipway {

struct StaticFile {
    std::string_view name;  // docs/docs.css
    std::string_view content_type;
    std::string_view tag;  // changes with the bytes
    std::string_view bytes;
    std::string_view gzipped;  // the same in gzip; empty if that is not shorter
};

std::span<const StaticFile> api_files();

}  // namespace slipway
