package io.loomkeeper.server;

import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.RealmCallback;
import org.jspecify.annotations.Nullable;

/**
 * What a mechanism asks of this server: a user's password, and who somebody is that has proved a
 * name. Each conversation has its own, so nothing of one user is left for the next.
 */
final class SaslCallbacks implements CallbackHandler {
    /** Who somebody is. */
    interface Names {
        /**
         * Null: nobody here.
         *
         * @param wished as whom they would like to act
         */
        @Nullable String idOf(String authenticated, String wished);
    }

    private final Map<String, String> passwords;
    private final Names names;
    private @Nullable String user;

    /**
     * @param passwords by user, for DIGEST-MD5
     */
    SaslCallbacks(Map<String, String> passwords, Names names) {
        this.passwords = passwords;
        this.names = names;
    }

    @Override
    public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
        for (Callback callback : callbacks) {
            switch (callback) {
                case NameCallback name -> onName(name);
                case PasswordCallback password -> onPassword(password);
                case RealmCallback realm -> realm.setText(realm.getDefaultText());
                case AuthorizeCallback authorize -> onAuthorize(authorize);
                default -> throw new UnsupportedCallbackException(callback);
            }
        }
    }

    private void onName(NameCallback asked) {
        user = asked.getDefaultName();
        asked.setName(user);
    }

    /** Without one the mechanism refuses, as for a wrong one. */
    private void onPassword(PasswordCallback asked) {
        String password = user == null ? null : passwords.get(user);
        if (password != null) {
            asked.setPassword(password.toCharArray());
        }
    }

    private void onAuthorize(AuthorizeCallback asked) {
        String id = names.idOf(asked.getAuthenticationID(), asked.getAuthorizationID());
        asked.setAuthorized(id != null);
        if (id != null) {
            asked.setAuthorizedID(id);
        }
    }
}
