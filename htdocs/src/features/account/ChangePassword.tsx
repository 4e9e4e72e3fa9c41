import { valibotResolver } from "@hookform/resolvers/valibot";
import { useState } from "react";
import { useForm } from "react-hook-form";
import * as v from "valibot";
import { useSession, useUser } from "../../shared/session/SessionContext";
import { Banner } from "../../shared/ui/Banner";
import { useToast } from "../../shared/ui/ToastContext";
import { strings } from "../../strings/account";
import { PasswordField } from "./PasswordField";
import { newPassword, secret } from "./rules";
import { SubmitButton } from "./SubmitButton";
import { showServerErrors } from "./serverErrors";

const Passwords = v.pipe(
  v.object({ current: secret(strings.passwordMissing), next: newPassword }),
  v.forward(
    v.check(({ current, next }) => current !== next, strings.passwordSame),
    ["next"],
  ),
);
const FIELDS = { "/current": "current", "/new": "next", "wrong-password": "current" } as const;

export function ChangePassword() {
  const { changePassword } = useSession();
  const { email } = useUser();
  const toast = useToast();
  const [failure, setFailure] = useState<string | null>(null);
  const { register, handleSubmit, setError, reset, formState } = useForm({
    resolver: valibotResolver(Passwords),
    defaultValues: { current: "", next: "" },
  });
  const { errors, isSubmitting } = formState;

  const submit = handleSubmit(async ({ current, next }) => {
    setFailure(null);
    try {
      await changePassword(current, next);
      reset();
      toast({ text: strings.passwordChanged });
    } catch (error) {
      setFailure(showServerErrors(error, FIELDS, setError));
    }
  });
  return (
    <form className="form" noValidate onSubmit={submit}>
      {failure && <Banner tone="bad">{failure}</Banner>}
      {/* Tells password managers whose password this is. */}
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <PasswordField
        label={strings.currentPassword}
        autoComplete="current-password"
        error={errors.current?.message}
        {...register("current")}
      />
      <PasswordField
        label={strings.newPassword}
        autoComplete="new-password"
        hint={strings.passwordRules}
        error={errors.next?.message}
        {...register("next")}
      />
      <p className="hint">{strings.changePasswordHint}</p>
      <div className="actions">
        <SubmitButton busy={isSubmitting}>{strings.changePassword}</SubmitButton>
      </div>
    </form>
  );
}
