import { formatDate } from "../../shared/format/format";
import { useUser } from "../../shared/session/SessionContext";
import { useTitle } from "../../shared/ui/useTitle";
import { strings } from "../../strings/account";
import "./Account.css";
import { ChangePassword } from "./ChangePassword";

export default function Account() {
  useTitle(strings.account);
  const user = useUser();
  return (
    <>
      <h1>{strings.account}</h1>
      <div className="columns">
        <section className="card stack" aria-labelledby="account-password">
          <h2 id="account-password">{strings.changePassword}</h2>
          <ChangePassword />
        </section>
        <div className="stack">
          <dl className="card account-facts">
            <dt>{strings.name}</dt>
            <dd>{user.name}</dd>
            <dt>{strings.email}</dt>
            <dd>{user.email}</dd>
            <dt>{strings.role}</dt>
            <dd>{strings.roles[user.role]}</dd>
            <dt>{strings.since}</dt>
            <dd>{formatDate(user.createdAt)}</dd>
          </dl>
          <section className="card stack" aria-labelledby="account-signing-out">
            <h2 id="account-signing-out">{strings.signingOut}</h2>
            <p>{strings.signOutHint}</p>
          </section>
        </div>
      </div>
    </>
  );
}
