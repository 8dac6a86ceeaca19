#include "server/targets/kinds.h"

#include "server/targets/webhook/webhook.h"

namespace slipway {

const Kinds& target_kinds() {
    static const WebhookExecutor kWebhook;
    static const Kinds kKinds{{
        &kWebhook,
    }};
    return kKinds;
}

}  // namespace slipway
