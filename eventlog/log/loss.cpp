// loss 1
// 812 900

#include "eventlog/log/loss.h"

#include "eventlog/base/durable_file.h"

#include <sstream>
#include <string>

namespace slipway {

namespace {

std::string text_of(const Loss& loss) {
    return "loss 1\n" + std::to_string(loss.first.value) + " " + std::to_string(loss.last.value) +
           "\n";
}

}  // namespace

Result<void> write_loss(const std::filesystem::path& file, const Loss& loss) {
    return replace_file(file, text_of(loss));
}

Result<std::optional<Loss>> read_loss(const std::filesystem::path& file) {
    const auto text = read_file(file);
    if (!text && text.error().code == ErrorCode::not_found) return std::optional<Loss>{};
    if (!text) return Error{ErrorCode::io, "loss: " + text.error().message};
    std::istringstream in{*text};
    std::string head;
    std::string number;
    Loss loss;
    in >> head >> number >> loss.first.value >> loss.last.value;
    if (*text != text_of(loss) || loss.first.value == 0 || loss.last < loss.first) {
        return Error{ErrorCode::corruption, "loss: " + file.string() +
                                                " does not say which positions are lost, as in \"" +
                                                text_of({Position{812}, Position{900}}) + "\""};
    }
    return std::optional{loss};
}

}  // namespace slipway
