#include "server/api/backups.h"

namespace slipway {

std::string_view name_of(Backups::Progress progress) {
    switch (progress) {
        case Backups::Progress::running:
            return "running";
        case Backups::Progress::done:
            return "done";
        case Backups::Progress::failed:
            return "failed";
    }
    return {};
}

}  // namespace slipway
