#include "server/targets/kinds.h"

#include "server/targets/webhook/webhook.h"

namespace slipway {

const Kinds& target_kinds() {
    static const WebhookExecutor webhook;
    static const Kinds kinds{{
        &webhook,
    }};
    return kinds;
}

}  // namespace slipway
